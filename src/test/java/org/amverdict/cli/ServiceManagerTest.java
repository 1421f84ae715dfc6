package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.amverdict.nfqueue.NotifyListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
    private static final long SELF = 4711;
    private static final int TIMEOUT_MILLIS = 1000;

    @TempDir
    Path directory;

    private NotifyListener listener;

    @BeforeEach
    void listen() {
        listener = new NotifyListener(directory.resolve("notify").toString());
    }

    @AfterEach
    void close() {
        listener.close();
    }

    private ServiceManager manager(final String... keysAndValues) {
        final Map<String, String> environment = new HashMap<>();
        environment.put("NOTIFY_SOCKET", directory.resolve("notify").toString());
        for (int i = 0; i < keysAndValues.length; i += 2) {
            environment.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new ServiceManager(environment, SELF);
    }

    @Test
    void shouldTellTheWholeLife() {
        final ServiceManager manager = manager("WATCHDOG_USEC", "3000000", "WATCHDOG_PID", Long.toString(SELF));

        manager.ready("ready: queues 10 mode enforce");
        manager.alive(List.of());
        manager.reloading();
        manager.stopping();

        assertEquals("READY=1\nSTATUS=ready: queues 10 mode enforce", listener.receive(TIMEOUT_MILLIS));
        assertEquals("WATCHDOG=1\nSTATUS=ready: queues 10 mode enforce", listener.receive(TIMEOUT_MILLIS));
        assertTrue(listener.receive(TIMEOUT_MILLIS).matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=.*"));
        assertTrue(listener.receive(TIMEOUT_MILLIS).startsWith("STOPPING=1\n"));
        assertEquals(TimeUnit.MILLISECONDS.toNanos(1500), manager.periodNanos());
    }

    @Test
    void shouldNotFeedTheWatchdogWhileAQueueIsStuck() {
        final ServiceManager manager = manager("WATCHDOG_USEC", "3000000");

        manager.alive(List.of(11));
        manager.alive(List.of());

        assertEquals("STATUS=queues that no worker serves: [11]", listener.receive(TIMEOUT_MILLIS));
        assertTrue(listener.receive(TIMEOUT_MILLIS).startsWith("WATCHDOG=1\n"));
    }

    @Test
    void shouldFeedNobodyElsesWatchdog() {
        final ServiceManager other = manager("WATCHDOG_USEC", "3000000", "WATCHDOG_PID", "1");
        final ServiceManager none = manager();
        final ServiceManager nonsense = manager("WATCHDOG_USEC", "often");

        other.alive(List.of());
        none.alive(List.of());
        nonsense.alive(List.of());

        assertEquals("", listener.receive(0));
        assertEquals(TimeUnit.SECONDS.toNanos(10), other.periodNanos());
    }

    @Test
    void shouldKeepQuietWithoutAManagerAndGoOnWithoutAListener() {
        new ServiceManager(Map.of(), SELF).ready("x");
        final ServiceManager lonely = new ServiceManager(Map.of("NOTIFY_SOCKET", "/nonexistent/notify"), SELF);

        lonely.ready("x");
        lonely.stopping();

        assertEquals("", listener.receive(0));
    }
}
