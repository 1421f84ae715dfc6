package org.amverdict.nfqueue.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A service manager's file descriptor store, as systemd keeps one: takes what NOTIFY_SOCKET gets with FDSTORE=1, forgets
 * with FDSTOREREMOVE=1, and gives everything to the next start through {@link StartWithDescriptors}. Any thread.
 */
public final class DescriptorStore implements AutoCloseable {
    private static final int MESSAGE_BYTES = 4096;
    private static final int POLL_MILLIS = 100;

    private final LibC libC = NativeLibraries.libC();
    private final String notifyPath;
    private final int fd;
    private final Map<String, Integer> kept = new LinkedHashMap<>();
    private final List<String> messages = new ArrayList<>();
    private final Thread reader = new Thread(this::read, "descriptor-store");
    private volatile boolean closed;

    /** @param notifyPath where the service notifies it */
    public DescriptorStore(final String notifyPath) {
        this.notifyPath = notifyPath;
        fd = libC.socket(CLayout.AF_UNIX, CLayout.SOCK_DGRAM | CLayout.SOCK_CLOEXEC, 0);
        assertTrue(fd >= 0 && new UnixAddress("test", notifyPath).bind(fd));
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        final DescriptorMessage message = new DescriptorMessage(MESSAGE_BYTES);
        final NativeMemory waiting = new NativeMemory(CLayout.POLLFD_SIZE);
        waiting.bytes().setIntLE(CLayout.POLLFD_FD, fd);
        waiting.bytes().setShortLE(CLayout.POLLFD_EVENTS, CLayout.POLLIN);
        while (!closed) {
            if (libC.poll(waiting.address(), 1, POLL_MILLIS) > 0) {
                final int length = message.receive(fd);
                if (length > 0) {
                    obey(message.text(length), message.descriptor());
                }
            }
            waiting.keepReachable();
        }
    }

    private synchronized void obey(final String text, final int descriptor) {
        messages.add(text);
        final Map<String, String> set = new LinkedHashMap<>();
        text.lines().forEach(line -> set.put(line.replaceFirst("=.*", ""), line.replaceFirst("[^=]*=", "")));
        final String name = set.getOrDefault("FDNAME", "stored");
        if ("1".equals(set.get("FDSTORE")) && descriptor >= 0) {
            // systemd knows what it has (kcmp(2)); here, the name is enough.
            close(kept.put(name, descriptor));
        } else if (descriptor >= 0) {
            libC.close(descriptor);
        }
        if ("1".equals(set.get("FDSTOREREMOVE"))) {
            close(kept.remove(name));
        }
        notifyAll();
    }

    private void close(final @Nullable Integer descriptor) {
        if (descriptor != null) {
            libC.close(descriptor);
        }
    }

    /** The names of what it keeps, in the order in which they came. */
    public synchronized List<String> names() {
        return List.copyOf(kept.keySet());
    }

    /** All messages so far. */
    public synchronized List<String> messages() {
        return List.copyOf(messages);
    }

    /** Puts a descriptor of this process into it. */
    public synchronized void put(final String name, final int descriptor) {
        kept.put(name, descriptor);
    }

    /** Waits for a message that begins so, among those from the given number on. */
    public synchronized void await(final String beginning, final int from, final long millis)
            throws InterruptedException {
        final long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (messages.stream().skip(from).noneMatch(message -> message.startsWith(beginning))) {
            final long left = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
            assertTrue(left > 0, "no " + beginning + " in " + messages);
            wait(left);
        }
    }

    /** What the service does when it is stopped for good: the store is emptied. */
    public synchronized void clear() {
        kept.values().forEach(this::close);
        kept.clear();
    }

    /** Where a starter gets what is kept: pass this and {@link #notifyPath} to {@link StartWithDescriptors}. */
    public UnixChannel starters(final String path) {
        return UnixChannel.listen(path);
    }

    /** Waits for a starter. */
    public static UnixChannel starter(final UnixChannel starters, final int millis) {
        final UnixChannel starter = starters.accept(millis);
        assertTrue(starter != null, "no starter came");
        return starter;
    }

    /** Gives a copy of everything to a starter, which then becomes the service. */
    public synchronized void give(final UnixChannel starter, final int millis) {
        kept.forEach(starter::send);
        starter.send("end");
        assertEquals("going", starter.receive(millis));
        starter.close();
    }

    /** NOTIFY_SOCKET. */
    public String notifyPath() {
        return notifyPath;
    }

    @Override
    public void close() {
        closed = true;
        try {
            reader.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        clear();
        libC.close(fd);
    }
}
