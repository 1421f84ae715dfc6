package org.amverdict.telemetry;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.amverdict.history.Dumps;
import org.amverdict.incidents.Incidents;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The status page in a real browser, over an engine at work. Leaves screenshots in target/status-page. */
@Timeout(120)
@Tag("long")
class StatusPageIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path SCREENSHOTS = Path.of("target", "status-page");
    private static final String TAB = "\uE004";
    private static final String ENTER = "\uE007";
    /** A contrast that WCAG 2 calls sufficient for text (level AA). */
    private static final long CONTRAST_PERCENT_MIN = 450;

    private static Browser browser;

    private final SampleSources sample = new SampleSources();
    private SimulatedTraffic traffic;
    private StatusServer server;
    private final VerdictHistory night = SampleNight.verdicts();
    private volatile int listed = 12;

    @BeforeAll
    static void needsChromium() throws IOException {
        assumeTrue(Browser.installed(), "chromium and chromium-driver are not installed");
        browser = Browser.start();
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        traffic = new SimulatedTraffic(sample.first, true);
        server = serve(0);
        browser.screen(1280, 1900);
        browser.dark(false);
        browser.complaints();
    }

    @AfterEach
    void stop() {
        server.close();
        traffic.close();
    }

    private StatusServer serve(final int port) throws IOException {
        final StatusFeed feed = new StatusFeed(
                new StatusReports(new SharedFigures(sample.sources()))::now,
                max -> SampleHistory.sessions(listed).subList(0, Math.min(max, listed)),
                SampleHistory.expected(listed * 2),
                max -> SampleHistory.drops(listed).subList(0, Math.min(max, listed)));
        return StatusServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                new Incidents(),
                (out, type) -> {},
                () -> sample.missing,
                pages(feed));
    }

    private StatusServer.Pages pages(final StatusFeed feed) {
        return new StatusServer.Pages(
                feed::json,
                night::json,
                new StatusSearch(
                                max -> SampleHistory.sessions(listed),
                                max -> SampleHistory.drops(listed),
                                System::nanoTime)::json);
    }

    private void openAndAwaitRates() throws IOException {
        browser.open("http://127.0.0.1:" + server.address().getPort() + "/");
        // Two answers make a rate, and the chart has the day before.
        await().atMost(SOON).until(() -> text("accepted").matches("[1-9].*/s") && lines() > 1000);
    }

    /** Lines between the points of the chart. */
    private static long lines() throws IOException {
        return browser.number("(" + attribute("p-accept", "d") + ".match(/L/g) || []).length");
    }

    private static String attribute(final String id, final String name) {
        return "(document.getElementById('" + id + "').getAttribute('" + name + "') || '')";
    }

    private static String text(final String id) throws IOException {
        return browser.text("document.getElementById('" + id + "').textContent");
    }

    @Test
    void shouldShowWhatTheEngineDoes() throws IOException {
        openAndAwaitRates();

        assertEquals("ENFORCE", text("mode"));
        assertEquals("live", text("live"));
        assertEquals("amverdict", browser.text("document.title"));
        assertTrue(text("about").contains("version 1.2.3"), text("about"));
        final String accepted = text("accepted");
        assertTrue(accepted.matches("[\\d,]+/s") && !"0/s".equals(accepted), accepted);
        final String reasons = text("reasons");
        for (final String reason : List.of("request", "ack", "reply", "expected", "established", "unexpected")) {
            assertTrue(reasons.contains(reason), reason + " in " + reasons);
        }
        assertEquals(3, browser.number("document.querySelectorAll('#tables [role=meter]').length"));
        assertEquals(
                21, browser.number("document.querySelector('#tables [role=meter]').getAttribute('aria-valuenow')"));
        assertEquals(21, browser.number("parseFloat(document.querySelector('#tables .fill').style.width)"));
        assertEquals(listed, browser.number("document.querySelectorAll('#sessions tr').length"));
        assertEquals(listed, browser.number("document.querySelectorAll('#drops tr').length"));
        assertTrue(
                text("sessions")
                        .contains("DATA 11001: connected 400 us after the REP, open, 7.5 GB (longest silence 12 s)"),
                text("sessions"));
        assertTrue(text("queues").contains("100 us / 0.1 s"), text("queues"));
        assertTrue(text("drops").contains("the nearest that is expected is 11001"), text("drops"));
        assertEquals(List.of(), browser.complaints());
    }

    /** Of one source each, however many sessions the page lists. */
    @Test
    void shouldShowTheFiguresOfTheStatusAndNotThoseOfItsOwnList() throws IOException {
        listed = 60;
        sample.dumps = new Dumps(1_200, 3);
        server.close();
        server = serve(0);
        openAndAwaitRates();

        assertEquals("1,200", text("dumps"));
        assertEquals("Running dumps, 3 unseen", text("dumps-label"));
        assertEquals("120", text("expected"));
        assertEquals(50, browser.number("document.querySelectorAll('#expectations tr').length"));
        assertEquals("And 70 more that were announced before.", text("more-expectations"));
        sample.dumps = new Dumps(0, 0);
        await().atMost(SOON).until(() -> text("dumps").equals("0"));
    }

    @Test
    void shouldFollowTheEngine() throws IOException {
        openAndAwaitRates();
        final String before = text("packets");
        listed = 3;

        await().atMost(SOON).until(() -> !text("packets").equals(before));
        await().atMost(SOON).until(() -> browser.number("document.querySelectorAll('#drops tr').length") == 3);
        listed = 0;
        await().atMost(SOON).until(() -> browser.number("document.querySelectorAll('#sessions tr').length") == 0);
        assertEquals("false", browser.text("document.getElementById('no-sessions').hidden"));
    }

    /** What a host has sent is shown letter by letter, and is never markup. */
    @Test
    void shouldShowTextFromTheWireAsText() throws IOException {
        openAndAwaitRates();

        assertTrue(text("sessions").contains(SampleHistory.HOSTILE), text("sessions"));
        assertTrue(text("drops").contains(SampleHistory.HOSTILE), text("drops"));
        assertEquals("undefined", browser.text("window.hacked"));
        assertEquals("null", browser.text("document.getElementById('injected')"));
        assertEquals(0, browser.number("document.querySelectorAll('img').length"));
        assertEquals(1, browser.number("document.querySelectorAll('script').length"));
    }

    /** And were it markup, the policy would still not run it. */
    @Test
    void shouldRunNoOtherScript() throws IOException {
        openAndAwaitRates();

        browser.run(
                "const s = document.createElement('script'); s.textContent = 'window.hacked = 1';"
                        + "document.body.append(s); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hacked=2\">');");

        await().atMost(SOON).until(() -> !browser.complaints().isEmpty());
        assertEquals("undefined", browser.text("window.hacked"));
    }

    @Test
    void shouldAskThisAddressAlone() throws IOException {
        openAndAwaitRates();

        assertEquals(
                "/history.json /status.json",
                browser.text("[...new Set(performance.getEntriesByType('resource').map(e => e.name))].sort().join(' ')")
                        .replace("http://127.0.0.1:" + server.address().getPort(), ""));
    }

    private static void enter(final String id, final String value) throws IOException {
        browser.run("const e = document.getElementById('" + id + "'); e.value = '" + value
                + "'; e.dispatchEvent(new Event('input', {bubbles: true}));");
    }

    private static void click(final String id) throws IOException {
        browser.run("document.getElementById('" + id + "').click();");
    }

    private static long count(final String list) throws IOException {
        return browser.number("document.querySelectorAll('#" + list + " tr').length");
    }

    @Test
    void shouldFindWhatIsRememberedAndNotOnlyWhatIsListed() throws IOException {
        listed = 131;
        openAndAwaitRates();
        assertEquals(50, count("sessions"));
        assertEquals("the newest 50", text("page-sessions"));

        enter("text", "SRV/3");
        await().atMost(SOON).until(() -> count("sessions") == 1);
        assertEquals("1 of 131 remembered requests, 0 of 131 drops", text("found"));
        assertEquals("No remembered drop matches.", text("no-drops"));
        assertEquals("#text=SRV%2F3", browser.text("location.hash"));

        enter("text", "");
        enter("host", "198.51.100.7");
        await().atMost(SOON).until(() -> text("found").startsWith("1 of 131 "));
        enter("host", "198.51.");
        await().atMost(SOON).until(() -> text("page-sessions").equals("1 to 50 of 88"));
        browser.screenshot(SCREENSHOTS.resolve("search-1280-light.png"));

        click("clear");
        await().atMost(SOON).until(() -> text("found").isEmpty());
        assertEquals("", browser.text("location.hash"));
        click("failed");
        await().atMost(SOON)
                .until(() -> count("sessions") > 0
                        && browser.number("document.querySelectorAll('#sessions tr:not(.failed)').length") == 0);
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void shouldReachEveryRememberedRequestAndDrop() throws IOException {
        listed = 131;
        openAndAwaitRates();

        click("older-sessions");
        await().atMost(SOON).until(() -> text("page-sessions").equals("51 to 100 of 131"));
        click("older-sessions");
        await().atMost(SOON).until(() -> text("page-sessions").equals("101 to 131 of 131"));
        assertEquals(31, count("sessions"));
        assertEquals("true", browser.text("document.getElementById('older-sessions').disabled"));
        click("older-drops");
        await().atMost(SOON).until(() -> text("page-drops").equals("51 to 100 of 131"));
        click("newer-sessions");
        click("newer-sessions");
        click("newer-drops");
        await().atMost(SOON).until(() -> text("page-sessions").equals("the newest 50"));
        assertEquals(50, count("drops"));
    }

    /** An address with a search in it can be sent to somebody. */
    @Test
    void shouldBeginWithTheSearchInItsAddress() throws IOException {
        browser.open("about:blank");
        browser.open("http://127.0.0.1:" + server.address().getPort() + "/#failed=true&host=2001%3Adb8%3A2%3A%3A12");

        await().atMost(SOON).until(() -> count("sessions") == 1);
        assertEquals("2001:db8:2::12", browser.text("document.getElementById('host').value"));
        assertTrue(text("found").startsWith("1 of 12 "), text("found"));
    }

    @Test
    void shouldShowWhatHappenedBeforeItWasOpened() throws IOException {
        openAndAwaitRates();
        assertEquals("Verdicts per minute", text("h-rates"));
        assertTrue(text("peak").startsWith("Most in one minute: 624 not dropped at "), text("peak"));
        assertTrue(lines() > 1400, lines() + " lines");

        browser.run("document.querySelector('[data-range=hours]').click();");
        assertEquals("3 hours ago", text("from"));
        assertTrue(lines() <= 181, lines() + " lines");
        browser.run("document.querySelector('[data-range=now]').click();");
        assertEquals("Verdicts per second", text("h-rates"));
    }

    @Test
    void shouldNameTheNextStepWhereNothingArrives() throws IOException {
        server.close();
        final SampleSources idle = new SampleSources();
        listed = 0;
        final StatusFeed feed = new StatusFeed(
                new StatusReports(new SharedFigures(idle.sources()))::now,
                max -> List.of(),
                SampleHistory.expected(0),
                max -> List.of());
        server = StatusServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Incidents(),
                (out, type) -> {},
                List::of,
                pages(feed));
        browser.open("http://127.0.0.1:" + server.address().getPort() + "/");

        await().atMost(SOON).until(() -> "live".equals(text("live")));
        assertEquals("false", browser.text("document.getElementById('next').hidden"));
        assertTrue(text("next").contains("amverdict doctor"), text("next"));
        assertEquals(
                "The firewall's rules are in place; nothing has been backed up since the start.", text("next-why"));
        assertEquals("true", browser.text("document.getElementById('next-rules').hidden"));
        idle.rules = new TelemetrySources.SeenRules("gone", false, "4 differences");
        await().atMost(SOON)
                .until(() -> text("next-why").equals("The firewall's rules are not in place.")
                        && "false".equals(browser.text("document.getElementById('next-rules').hidden")));
        assertTrue(text("no-sessions").contains("amcheck -c CONFIG"), text("no-sessions"));
        browser.screenshot(SCREENSHOTS.resolve("empty-1280-light.png"));
        browser.screen(360, 1560);
        browser.dark(true);
        browser.screenshot(SCREENSHOTS.resolve("empty-360-dark.png"));
        assertTrue(browser.number("document.documentElement.scrollWidth") <= 360, "nothing sticks out");
    }

    @Test
    void shouldMakeMonitorModeUnmistakable() throws IOException {
        traffic.close();
        sample.enforcing = false;
        traffic = new SimulatedTraffic(sample.second, false);
        openAndAwaitRates();

        assertEquals("MONITOR", text("mode"));
        assertTrue(browser.text("document.title").startsWith("MONITOR"));
        await().atMost(SOON)
                .until(() -> text("notice")
                        .matches("Monitor mode: nothing is changed\\."
                                + " Enforce mode would have dropped [\\d,]+ so far\\."));
        assertEquals("Would be accepted", text("accepted-label"));
        assertNotEquals("0/s", text("left"), "every packet continues");
        assertNotEquals(text("accepted"), text("left"), "and some would be dropped");
        assertEquals("Would be dropped", text("dropped-label"));
        assertNotEquals("0/s", text("dropped"));
        assertTrue(text("reasons").contains("would drop"));
        assertTrue(text("reasons").contains("continue"), text("reasons"));
        assertEquals(
                0,
                browser.number("[...document.querySelectorAll('#reasons .bad')]"
                        + ".filter((cell) => !cell.textContent.endsWith('drop')).length"));
        browser.screenshot(SCREENSHOTS.resolve("monitor-1280-light.png"));
    }

    @Test
    void shouldSayWhenAQueueHasNoWorker() throws IOException {
        sample.missing = List.of(11);
        openAndAwaitRates();

        assertEquals("No worker for queue 11: its packets are not judged.", text("notice"));
        assertTrue(text("queues").contains("no worker"));
    }

    /** A packet that went on to other rules is one that enforce mode would drop. */
    @Test
    void shouldSayWhatWouldHaveBeenDropped() throws IOException {
        listed = 3;
        openAndAwaitRates();

        assertEquals(
                "would drop: unexpected,unexpected,unexpected",
                browser.text("[...document.querySelectorAll('#drops tr')].map(r => r.cells[2].textContent).join()"));
    }

    @Test
    void shouldSayHowTheRulesStand() throws IOException {
        openAndAwaitRates();
        assertTrue(text("about").endsWith(", rules in place (put back 13 times)"), text("about"));
        assertEquals("", text("notice"));

        sample.rules = new TelemetrySources.SeenRules("not-first", false, "1 difference: <b>DOCKER-USER</b> is before");
        sample.missing = List.of(11);
        await().atMost(SOON).until(() -> text("about").contains(", rules not in place ("));
        assertEquals(
                "No worker for queue 11: its packets are not judged. The firewall's rules are not in place (not-first):"
                        + " 1 difference: <b>DOCKER-USER</b> is before. Packets may pass by the queues;"
                        + " “amverdict rules --apply” puts the rules back.",
                text("notice"));
        assertEquals("fault", browser.text("document.querySelector('#notice p').className"));
        browser.screenshot(SCREENSHOTS.resolve("rules-1280-light.png"));

        sample.missing = List.of();
        sample.rules = new TelemetrySources.SeenRules("unknown", null, "nft: not found");
        await().atMost(SOON).until(() -> text("about").endsWith(", rules not known: nft: not found"));
        assertEquals("", text("notice"), "what nobody knows is no fault");
        sample.rules = new TelemetrySources.SeenRules("off", null, "");
        await().atMost(SOON).until(() -> text("about").endsWith(", rules not watched"));
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void shouldSaySinceWhenThereIsNoAnswerAndComeBack() throws IOException {
        openAndAwaitRates();
        final int port = server.address().getPort();
        server.close();

        await().atMost(SOON).until(() -> text("notice").matches("No answer since \\d\\d:\\d\\d:\\d\\d\\..*"));
        assertEquals("no answer", text("live"));
        assertEquals(
                "grayscale(1) 0.5",
                browser.text("(s => s.filter + ' ' + s.opacity)(getComputedStyle(document.querySelector('main')))"),
                "old figures look old");
        assertEquals(listed, browser.number("document.querySelectorAll('#drops tr').length"), "the last that it said");
        browser.screenshot(SCREENSHOTS.resolve("gone-1280-light.png"));

        server = serve(port);
        await().atMost(SOON).until(() -> "live".equals(text("live")));
        assertEquals("", text("notice"));
        assertEquals("1", browser.text("getComputedStyle(document.querySelector('main')).opacity"));
    }

    @Test
    void shouldBeUsableWithTheKeyboard() throws IOException {
        openAndAwaitRates();

        browser.type(TAB);
        assertEquals("Skip to the figures", browser.text("document.activeElement.textContent"));
        assertTrue(browser.number("document.activeElement.getBoundingClientRect().left") >= 0, "it can be seen now");
        browser.type(TAB);
        assertEquals("pause", browser.text("document.activeElement.id"));
        browser.type(ENTER);

        assertEquals("true", browser.text(attribute("pause", "aria-pressed")));
        assertTrue(text("live").startsWith("paused at "), text("live"));
        final String shown = text("packets");
        await().during(Duration.ofMillis(2500))
                .atMost(SOON)
                .until(() -> text("packets").equals(shown));
        browser.type(ENTER);
        await().atMost(SOON).until(() -> !text("packets").equals(shown));
    }

    @Test
    void shouldNameEveryPartForAScreenReader() throws IOException {
        openAndAwaitRates();

        assertEquals(
                "",
                browser.text(
                        "[...document.querySelectorAll('section, [role=region], svg[role=img], [role=meter]')]"
                                + ".filter(e => !e.getAttribute('aria-label') && !(e.getAttribute('aria-labelledby') || '').split(' ')"
                                + ".every(id => id && document.getElementById(id))).map(e => e.outerHTML.slice(0, 60)).join()"));
        assertEquals("en", browser.text("document.documentElement.lang"));
        assertTrue(
                text("chart-text")
                        .matches("From 24 hours ago to now\\. Most in one minute: 624 not dropped at (\\w+ \\d+, )?"
                                + "\\d\\d:\\d\\d; 45 dropped at (\\w+ \\d+, )?\\d\\d:\\d\\d\\."),
                text("chart-text"));
        assertEquals("status", browser.text(attribute("live", "role")));
    }

    @ParameterizedTest
    @CsvSource({"1280, 1900, false", "1280, 1900, true", "768, 2400, false", "360, 1560, false", "360, 3000, true"})
    void shouldFitTheScreen(final int width, final int height, final boolean dark) throws IOException {
        browser.screen(width, height);
        browser.dark(dark);
        openAndAwaitRates();

        browser.screenshot(SCREENSHOTS.resolve("enforce-" + width + (dark ? "-dark" : "-light") + ".png"));

        assertTrue(browser.number("document.documentElement.scrollWidth") <= width, "nothing sticks out");
        assertEquals(
                "",
                browser.text(
                        "[...document.querySelectorAll('.scroll')]"
                                + ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute('aria-labelledby')).join()"));
        assertEquals(
                "",
                browser.text("[...document.querySelectorAll('dd')]"
                        + ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.id).join()"));
        if (width < 560) {
            assertEquals(
                    1,
                    browser.number("new Set([...document.querySelectorAll('#sessions .stream')]"
                            + ".map(e => e.getBoundingClientRect().left)).size"),
                    "streams stand under each other, beside their label");
        }
        assertEquals(dark, browser.number("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]") < 128);
        for (final String pair : List.of(
                "text page",
                "text card",
                "soft page",
                "soft card",
                "accent page",
                "good card",
                "warn card",
                "bad card",
                "warn warn-page",
                "text warn-page",
                "text bad-page")) {
            final long contrast = contrastPercent(pair.split(" ", 2)[0], pair.split(" ", 2)[1]);
            assertTrue(contrast >= CONTRAST_PERCENT_MIN, pair + ": " + contrast);
        }
    }

    /** As WCAG 2 defines it, of two of the page's colors. */
    private static long contrastPercent(final String text, final String background) throws IOException {
        return browser.number("(() => { const light = name => {"
                + "const probe = document.body.appendChild(document.createElement('i'));"
                + "probe.style.color = 'var(--' + name + ')';"
                + "const c = getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3).map(v => v / 255)"
                + ".map(v => v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));"
                + "probe.remove(); return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; };"
                + "const a = light('" + text + "') + 0.05, b = light('" + background + "') + 0.05;"
                + "return 100 * Math.max(a, b) / Math.min(a, b); })()");
    }

    /** Nothing jumps while figures come in: the sum of shifts, as browsers measure it; 0.1 is called good. */
    @ParameterizedTest
    @CsvSource({"1280, 1900", "360, 4200"})
    void shouldStandStill(final int width, final int height) throws IOException {
        browser.screen(width, height);
        openAndAwaitRates();
        sample.enforcing = false;
        await().atMost(SOON).until(() -> "MONITOR".equals(text("mode")));
        listed = 30;
        await().atMost(SOON).until(() -> browser.number("document.querySelectorAll('#drops tr').length") == 30);

        browser.run("window.shifts = 0; new PerformanceObserver(list => { for (const e of list.getEntries())"
                + " window.shifts += e.value; }).observe({type: 'layout-shift', buffered: true});");
        await().atMost(SOON).until(() -> browser.number("window.shifts * 1000") >= 0);

        final long sum = browser.number("window.shifts * 1000");
        assertTrue(sum < 50, sum + " thousandths");
    }

    @Test
    void shouldSurviveARestartOfTheProgram() throws IOException {
        openAndAwaitRates();
        final int port = server.address().getPort();
        server.close();
        traffic.close();
        await().atMost(SOON).until(() -> "no answer".equals(text("live")));
        final SampleSources fresh = new SampleSources();
        traffic = new SimulatedTraffic(fresh.first, true);
        final StatusFeed feed = new StatusFeed(
                new StatusReports(new SharedFigures(fresh.sources()))::now,
                max -> List.of(),
                SampleHistory.expected(0),
                max -> List.of());
        server = StatusServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                new Incidents(),
                (out, type) -> {},
                List::of,
                pages(feed));

        await().atMost(SOON).until(() -> "live".equals(text("live")));

        assertFalse(browser.text(attribute("p-accept", "d")).contains("NaN"));
        assertTrue(text("accepted").matches("[\\d,.]+/s"), text("accepted"));
        assertEquals(
                List.of(),
                browser.complaints().stream()
                        .filter(each -> !each.toString().contains("ERR_CONNECTION_REFUSED"))
                        .toList());
    }
}
