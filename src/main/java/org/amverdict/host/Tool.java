package org.amverdict.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.host.ToolException.Cause;

/** Runs iptables, nft and the like with a document on its standard input. Stateless; blocks for a bounded time. */
public final class Tool {
    private static final long SECONDS_MAX = 30;
    private static final int OUTPUT_MAX = 64 << 20;
    private static final int ERROR_SHOWN_MAX = 2000;
    private static final List<String> FOLDERS = List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin");

    private Tool() {}

    /** Runs a program for at most half a minute. */
    public static String run(final String debianPackage, final String input, final List<String> command)
            throws ToolException {
        return run(debianPackage, input, command, SECONDS_MAX);
    }

    /**
     * Runs a program.
     *
     * @param debianPackage the package of the program
     * @param secondsMax time after which it is killed, which counts as a failure
     * @return what it wrote to standard output
     */
    public static String run(
            final String debianPackage, final String input, final List<String> command, final long secondsMax)
            throws ToolException {
        final List<String> whole = new ArrayList<>(command);
        whole.set(0, find(command.get(0), debianPackage));
        final ProcessBuilder builder = new ProcessBuilder(whole);
        builder.environment().put("LC_ALL", "C");
        final Subprocess.Result result;
        try {
            result = Subprocess.attempt(builder, input, new Subprocess.Limits(secondsMax, OUTPUT_MAX));
        } catch (final IOException e) {
            throw new ToolException(Cause.FAILED, command.get(0) + ": " + e.getMessage());
        }
        if (result.status() != 0) {
            throw failure(command, result.status(), head(result.error()));
        }
        return result.output();
    }

    private static String head(final String error) {
        return error.substring(0, Math.min(error.length(), ERROR_SHOWN_MAX));
    }

    private static String find(final String program, final String debianPackage) throws ToolException {
        final List<String> folders = new ArrayList<>();
        final String path = System.getenv("PATH");
        folders.addAll(List.of((path == null ? "" : path).split(":", -1)));
        folders.addAll(FOLDERS);
        for (final String folder : folders) {
            final Path file = Path.of(folder, program);
            if (folder.startsWith("/") && Files.isExecutable(file)) {
                return file.toString();
            }
        }
        throw new ToolException(
                Cause.UNAVAILABLE, program + " is not installed; on Debian: apt-get install " + debianPackage);
    }

    private static ToolException failure(final List<String> command, final int status, final String error) {
        final String said = command.get(0) + " (status " + status + "): " + error.strip();
        if (error.contains("Permission denied") || error.contains("not permitted") || error.contains("must be root")) {
            return new ToolException(Cause.NOT_PERMITTED, "changing rules needs root or CAP_NET_ADMIN\n" + said);
        }
        if (error.contains("queue") && error.contains("No such file")) {
            return new ToolException(
                    Cause.UNAVAILABLE,
                    "this kernel has no queue for nft (CONFIG_NFT_QUEUE); use --format iptables\n" + said);
        }
        if (error.contains("missing kernel module") || error.contains("No chain/target/match")) {
            return new ToolException(Cause.UNAVAILABLE, "this kernel lacks a part that the rules need\n" + said);
        }
        return new ToolException(Cause.FAILED, said);
    }
}
