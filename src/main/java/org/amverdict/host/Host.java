package org.amverdict.host;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What a check can see of the host. {@link LocalHost} is the real one; tests feed captured texts. Any thread. */
public interface Host {
    /** Whether something could be read. */
    enum Access {
        OK,
        /** There is no such file or tool. */
        MISSING,
        /** This user has no permission. */
        DENIED,
        /** It could not be read, or the tool failed or took too long. */
        FAILED
    }

    /**
     * What was read.
     *
     * @param access whether it could be read
     * @param text the contents, or why there are none
     */
    record Text(Access access, String text) {
        public boolean ok() {
            return access == Access.OK;
        }

        /** The contents, empty if they could not be read. */
        public String orEmpty() {
            return ok() ? text : "";
        }
    }

    /**
     * Where a file is, or would be.
     *
     * @param folder whether its folder exists
     * @param taken whether something that is not a file has its name
     * @param writable whether this process could write it
     * @param freeBytes room in its file system
     */
    record Storage(boolean folder, boolean taken, boolean writable, long freeBytes) {}

    /** Looks where a file would be written, without writing. */
    Storage storage(String path);

    /** Reads a file, at most 8 MiB of it; one whose name ends with .gz is uncompressed. */
    Text read(String path);

    /** Reads the end of a file that may be long, whole lines, at most 8 MiB. */
    Text tail(String path);

    /** Names in a directory, sorted; empty if it cannot be read. */
    List<String> list(String path);

    /** Target of a symbolic link; null if it is not a link or cannot be read. */
    @Nullable String link(String path);

    /** Runs a tool that only reads, for a bounded time. */
    Text run(String debianPackage, String... command);

    /** An environment variable, empty if it is not set. */
    String variable(String name);

    /** A property of the running Java, empty if it is not set. */
    String property(String name);

    /** Loads libnetfilter_queue: OK, or why it cannot be loaded. */
    Text queueLibrary();

    /** The receive buffer that the kernel grants this process when it requests this size the way the workers do. */
    OptionalInt receiveBuffer(int wantedBytes);

    /** Whether something synchronizes the clock, according to the kernel (adjtimex). */
    boolean clockSynchronised();
}
