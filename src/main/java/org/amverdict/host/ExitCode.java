package org.amverdict.host;

/** Exit codes of the commands; 69, 77 and 78 are those of sysexits.h. */
public final class ExitCode {
    /** Done as asked. */
    public static final int OK = 0;
    /** The requested operation or check failed. */
    public static final int FAILED = 1;
    /** Wrong options or arguments. */
    public static final int USAGE = 2;
    /** Something required is missing: a library, NFQUEUE in the kernel, a free queue. */
    public static final int UNAVAILABLE = 69;
    /** CAP_NET_ADMIN is missing. */
    public static final int NO_PERMISSION = 77;
    /** The configuration is invalid. */
    public static final int CONFIGURATION = 78;

    private ExitCode() {}
}
