package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NotifySocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NotifySocketTest {
    @TempDir
    Path directory;

    @Test
    void shouldReachASocketInTheFileSystem() {
        final String path = directory.resolve("notify").toString();
        try (NotifyListener listener = new NotifyListener(path)) {
            new NotifySocket(path).send("READY=1\nSTATUS=é");

            assertEquals("READY=1\nSTATUS=é", listener.receive(0));
        }
    }

    @Test
    void shouldReachAnAbstractSocket() {
        final String name = "@amverdict-test-" + ProcessHandle.current().pid();
        try (NotifyListener listener = new NotifyListener(name)) {
            new NotifySocket(name).send("WATCHDOG=1");

            assertEquals("WATCHDOG=1", listener.receive(0));
        }
    }

    @Test
    void shouldCutAMessageThatIsTooLong() {
        final String path = directory.resolve("notify").toString();
        try (NotifyListener listener = new NotifyListener(path)) {
            new NotifySocket(path).send("x".repeat(NotifySocket.MESSAGE_MAX_BYTES + 1));

            assertEquals("x".repeat(NotifySocket.MESSAGE_MAX_BYTES), listener.receive(0));
        }
    }

    @Test
    void shouldSayThatNobodyListens() {
        final NotifySocket socket = new NotifySocket(directory.resolve("nobody").toString());

        final NativeException failure = assertThrows(NativeException.class, () -> socket.send("READY=1"));

        assertEquals(Errno.ENOENT, failure.errno());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "@", "relative", "vsock:2:1234"})
    void shouldRefuseWhatIsNoAddress(final String address) {
        assertThrows(IllegalArgumentException.class, () -> new NotifySocket(address));
    }

    @Test
    void shouldRefuseAnAddressThatIsTooLong() {
        new NotifySocket("/" + "x".repeat(107));
        assertThrows(IllegalArgumentException.class, () -> new NotifySocket("/" + "x".repeat(108)));
    }
}
