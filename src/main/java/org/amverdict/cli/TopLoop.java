package org.amverdict.cli;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.console.TopScreen;
import org.amverdict.console.TopView;
import org.amverdict.control.ControlClient;
import org.amverdict.control.ControlException;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;

/** Asks the daemon, draws a screen, waits for keys, and so on. For one thread. */
final class TopLoop {
    /** Between two statuses, so that even the first screen has rates. */
    private static final double FIRST_SECONDS = 0.1;
    /** The longest wait for a key: a terminal that was resized is drawn again then. */
    private static final double KEY_SECONDS = 1;
    /** The daemon cuts off a connection that asks nothing for a minute. */
    private static final long ALIVE_NANOS = TimeUnit.SECONDS.toNanos(20);
    /** Most sessions to ask for; a screen shows fewer. */
    private static final int SESSIONS = 200;

    private static final int DROPS = 200;

    private final Terminal terminal;
    private final ControlClient daemon;
    private final TopView view = new TopView();
    private long askedNanos;

    private record Seen(JsonObject before, JsonObject now, TopScreen.Lists lists) {}

    TopLoop(final Terminal terminal, final ControlClient daemon) {
        this.terminal = terminal;
        this.daemon = daemon;
    }

    /**
     * Shows screens until a key or a broken pipe ends it.
     *
     * @param count end after so many, 0 for no limit
     * @param seconds between two
     */
    void run(final int count, final double seconds) throws ControlException, InterruptedException {
        JsonObject before = status();
        terminal.key(FIRST_SECONDS);
        for (int shown = 1; ; shown++) {
            final Seen seen = new Seen(
                    before,
                    status(),
                    new TopScreen.Lists(
                            list(new JsonLine()
                                    .add("command", "sessions")
                                    .add("open", true)
                                    .add("max", SESSIONS)),
                            list(new JsonLine().add("command", "sessions").add("max", SESSIONS)),
                            list(new JsonLine().add("command", "drops").add("max", DROPS))));
            before = seen.now();
            if (!draw(seen) || shown == count || !await(seen, seconds)) {
                return;
            }
        }
    }

    private boolean draw(final Seen seen) {
        final TopScreen plain = new TopScreen(terminal.columns(), terminal.rows(), ZoneId.systemDefault());
        final TopScreen screen = terminal.hasKeys() ? plain.withKeys(view) : plain;
        return terminal.draw(screen.draw(seen.before(), seen.now(), seen.lists()));
    }

    /** Waits, longer while the screen is paused, and draws again after each key; false if it is to end. */
    private boolean await(final Seen seen, final double seconds) throws ControlException, InterruptedException {
        final long endNanos = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        double left = seconds;
        while (left > 0 || view.paused()) {
            final int key = terminal.key(left > 0 ? Math.min(left, KEY_SECONDS) : KEY_SECONDS);
            if (key != Terminal.NO_KEY && (!view.press(key) || !draw(seen))) {
                return false;
            }
            if (System.nanoTime() - askedNanos >= ALIVE_NANOS) {
                status();
            }
            left = (endNanos - System.nanoTime()) / (double) TimeUnit.SECONDS.toNanos(1);
        }
        return true;
    }

    private JsonObject status() throws ControlException {
        askedNanos = System.nanoTime();
        return daemon.ask(new JsonLine().add("command", "status"));
    }

    private List<JsonObject> list(final JsonLine request) throws ControlException {
        final List<JsonObject> list = new ArrayList<>();
        daemon.askList(request, each -> list.add(JsonObject.parse(each)));
        return list;
    }
}
