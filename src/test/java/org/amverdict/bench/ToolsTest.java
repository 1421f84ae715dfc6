package org.amverdict.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    private void program(final String name, final String permissions) throws IOException {
        Files.createFile(
                directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    }

    private List<String> missing(final Mix mix, final boolean pinned) {
        return Tools.missing(List.of(mix), pinned, "/nowhere:" + directory);
    }

    @Test
    void shouldNameWhatIsMissingAndItsPackage() throws IOException {
        program("ip", "rwxr-xr-x");
        program("iptables-save", "rwxr-xr-x");
        program("iptables-restore", "rw-r--r--");

        assertEquals(
                List.of(
                        "iptables-restore (Debian package iptables)",
                        "taskset (Debian package util-linux)",
                        "iperf3 (Debian package iperf3)"),
                missing(Mix.BULK, true));
        assertEquals(List.of("iptables-restore (Debian package iptables)"), missing(Mix.RATE, false));
    }

    @Test
    void shouldNeedNoMore() throws IOException {
        for (final String name : List.of("ip", "iptables-save", "iptables-restore", "taskset")) {
            program(name, "rwxr-xr-x");
        }

        assertEquals(List.of(), missing(Mix.CONTROL, true));
        assertTrue(String.valueOf(new MissingToolException(missing(Mix.BULK_SEGMENTED, true)).getMessage())
                .endsWith(": iperf3 (Debian package iperf3)"));
    }
}
