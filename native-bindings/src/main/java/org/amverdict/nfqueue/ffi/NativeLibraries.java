package org.amverdict.nfqueue.ffi;

import java.nio.ByteOrder;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * Loads the C libraries, each once, on first use. Any thread may call.
 *
 * <p>The struct offsets of {@link CLayout} hold for 64-bit little-endian Linux (x86-64, aarch64); on anything else
 * every method here throws {@link NativeException}.
 */
public final class NativeLibraries {
    private NativeLibraries() {}

    /** libc. */
    public static LibC libC() {
        return C.INSTANCE;
    }

    /** libnetfilter_queue. Throws {@link NativeException} naming the Debian package when it is not installed. */
    public static LibNetfilterQueue libNetfilterQueue() {
        return NetfilterQueue.load();
    }

    /** Error number of the last call through this package that failed on the calling thread. */
    public static int errno() {
        return C.RUNTIME.getLastError();
    }

    /** A {@link NativeException} for the call that has just failed on this thread. */
    public static NativeException failure(final String operation, final String hint) {
        return new NativeException(operation, errno(), hint);
    }

    // The soname is named in full: without the development package there is no libnetfilter_queue.so to be found.
    static <T> T load(final Class<T> type, final String soname, final String debianPackage) {
        requireKnownLayout(System.getProperty("os.arch", ""), ByteOrder.nativeOrder());
        try {
            return LibraryLoader.create(type).failImmediately().load(soname);
        } catch (final UnsatisfiedLinkError e) {
            final NativeException missing =
                    new NativeException("load " + soname, 0, "not found; install the Debian package " + debianPackage);
            missing.initCause(e);
            throw missing;
        }
    }

    static void requireKnownLayout(final String architecture, final ByteOrder order) {
        final boolean known = architecture.equals("amd64") || architecture.equals("aarch64");
        if (!known || order != ByteOrder.LITTLE_ENDIAN) {
            throw new NativeException(
                    "load native libraries",
                    0,
                    "unsupported machine '" + architecture + "', " + order
                            + "; struct layouts are known for amd64 and aarch64, little endian");
        }
    }

    private static final class C {
        static final LibC INSTANCE = load(LibC.class, "libc.so.6", "libc6");
        static final Runtime RUNTIME = Runtime.getRuntime(INSTANCE);
    }

    /** Not a static initializer: a missing library must be reported as such each time, not as NoClassDef. */
    private static final class NetfilterQueue {
        private static volatile @org.jspecify.annotations.Nullable LibNetfilterQueue instance;

        static LibNetfilterQueue load() {
            LibNetfilterQueue loaded = instance;
            if (loaded == null) {
                loaded =
                        NativeLibraries.load(LibNetfilterQueue.class, "libnetfilter_queue.so.1", "libnetfilter-queue1");
                instance = loaded;
            }
            return loaded;
        }
    }
}
