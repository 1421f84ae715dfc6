package org.amverdict.harness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Writes src/docs/kernel-helper.md from what was measured. */
public final class DifferencePage {
    private final List<JudgedExchange> helper;
    private final List<JudgedExchange> engine;

    /** Both for the same exchanges in the same order: the legitimate ones, then the others. */
    public DifferencePage(final List<JudgedExchange> helper, final List<JudgedExchange> engine) {
        this.helper = helper;
        this.engine = engine;
    }

    /** The lines of the page. */
    public List<String> lines() {
        final int legitimate = ControlExchanges.legitimate().size();
        final int all = helper.size();
        final long rightLegitimate = right(helper.subList(0, legitimate));
        final long rightIllegitimate = right(helper.subList(legitimate, all));
        final List<String> lines = new ArrayList<>();
        lines.addAll("""
                # What the kernel's helper gets wrong

                `KernelHelperDifferenceIT` plays %1$d control exchanges, packet by packet, through two firewalls that deny by default.
                One uses the kernel's helper nf_conntrack_amanda (`-j CT --helper amanda`, ESTABLISHED and RELATED accepted, control
                datagrams only between the two hosts). The other uses amverdict in gate placement. After each exchange, the test tries
                the ports. This page shows what it measured on Linux 6.18; the test fails if it measures anything else.

                The helper is right in %2$d of %1$d exchanges: in %3$d of %4$d that Amanda makes, and in %5$d of %6$d that must open nothing, or
                nothing more. amverdict is right in %7$d of %1$d.

                In short, the helper gets this wrong:

                * It takes whatever follows the word CONNECT for ports, no matter where the word is or which host caused it to be
                  there (%8$d exchanges), and it reads names and numbers loosely (%9$d).
                * It does not compare a reply with a request, and does not know when an exchange is over (%10$d).
                * It fails Amanda itself. It misses streams called CTL and CMD (every recovery of data uses CTL), and everything after
                  a stream that is absent (%11$d). It also fails with several exchanges at once, a noisy host, and long estimates (%12$d).

                A firewall is right if everything that either host legitimately says arrives, if every port announced to the
                requester accepts a connection, and if no other port that was tried does. The protocol determines what is right, not
                either firewall. In the table, a firewall *opens* a port that must be closed, *keeps* one closed that must be open, or
                *loses* a datagram. A port stays open at the helper for 180 s. Each exchange that the helper gets wrong has one
                reason: the first one that would have to be fixed.

                ## Reasons

                | reason | exchanges | in words |
                |---|---|---|
                """.formatted(
                all,
                right(helper),
                rightLegitimate,
                legitimate,
                rightIllegitimate,
                all - legitimate,
                right(engine),
                count(HelperFlaw.READS_ANY_TYPE, HelperFlaw.READS_ANYWHERE, HelperFlaw.READS_PAST_ERROR),
                count(
                        HelperFlaw.READS_LOOSELY,
                        HelperFlaw.READS_FIVE_DIGITS,
                        HelperFlaw.WRAPS_NUMBERS,
                        HelperFlaw.OPENS_ANY_PORT),
                count(
                        HelperFlaw.KNOWS_NO_TRANSACTION,
                        HelperFlaw.KNOWS_NO_REQUEST,
                        HelperFlaw.TAKES_ANY_SOURCE,
                        HelperFlaw.OPENS_AGAIN,
                        HelperFlaw.KEEPS_REVOKED),
                count(HelperFlaw.KNOWS_FOUR_STREAMS, HelperFlaw.STOPS_AT_ABSENT),
                count(
                        HelperFlaw.DROPS_CLASHING_REPLY,
                        HelperFlaw.KEEPS_FOUR_PER_SOCKET,
                        HelperFlaw.SHARES_ONE_TABLE,
                        HelperFlaw.FORGETS_AFTER_TIMEOUT)).lines().toList());
        for (final HelperFlaw flaw : HelperFlaw.values()) {
            lines.add("| `" + flaw.label() + "` | " + count(flaw) + " | " + flaw.text() + " |");
        }
        lines.addAll(List.of("", "## What Amanda does", ""));
        table(lines, 0, legitimate);
        lines.addAll(List.of("", "## What must open nothing, or nothing more", ""));
        table(lines, legitimate, all);
        lines.addAll("""

                Not included: recovery of Amanda before 2.5.1 over TCP 10082 and 10083, of which the helper sees nothing. The test
                does not wait for the hours of a long estimate: it deletes conntrack's entries between the request and the reply, at
                both firewalls.

                `mvn verify -Dit.test=KernelHelperDifferenceIT -Damverdict.accept=true` writes this page again.
                """.lines().toList());
        return lines;
    }

    private static long right(final List<JudgedExchange> judged) {
        return judged.stream().filter(JudgedExchange::right).count();
    }

    /** How many exchanges these flaws explain together. */
    private long count(final HelperFlaw... flaws) {
        return helper.stream()
                .filter(each -> Arrays.asList(flaws).contains(each.exchange().flaw()))
                .count();
    }

    private void table(final List<String> lines, final int from, final int to) {
        lines.add("| exchange | must open | kernel's helper | amverdict | reason |");
        lines.add("|---|---|---|---|---|");
        for (int i = from; i < to; i++) {
            final JudgedExchange judged = helper.get(i);
            final HelperFlaw flaw = judged.exchange().flaw();
            lines.add("| " + judged.exchange().title() + " | " + ports(judged) + " | " + verdict(judged) + " | "
                    + verdict(engine.get(i)) + " | " + (flaw == null ? "" : "`" + flaw.label() + "`") + " |");
        }
    }

    private static String ports(final JudgedExchange judged) {
        return judged.mustOpen().isEmpty()
                ? "nothing"
                : judged.mustOpen().stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String verdict(final JudgedExchange judged) {
        return judged.right() ? "right" : String.join(", ", judged.wrong());
    }
}
