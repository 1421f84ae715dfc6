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
        /** This user may not. */
        DENIED,
        /** It could not be read, or the tool failed or took too long. */
        FAILED
    }

    /**
     * What was read.
     *
     * @param access whether it was
     * @param text the contents; why not, if not
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

    /** Reads a file, at most 8 MiB of it; one whose name ends with .gz is uncompressed. */
    Text read(String path);

    /** Reads the end of a file that may be long, whole lines, at most 8 MiB. */
    Text tail(String path);

    /** Names in a directory, sorted; none if it cannot be read. */
    List<String> list(String path);

    /** Where a symbolic link points; null if it is none or cannot be read. */
    @Nullable String link(String path);

    /** Runs a tool that only reads, for at most 5 s. */
    Text run(String debianPackage, String... command);

    /** An environment variable, empty if it is not set. */
    String variable(String name);

    /** A property of the running Java, empty if it is not set. */
    String property(String name);

    /** Loads libnetfilter_queue: OK, or why it cannot be loaded. */
    Text queueLibrary();

    /** The receive buffer that the kernel grants this process when it asks for so much, as the workers ask. */
    OptionalInt receiveBuffer(int wantedBytes);

    /** Whether something keeps the clock right, as the kernel knows it (adjtimex). */
    boolean clockSynchronised();
}
