package org.amverdict.cli;

/** What the commands exit with; 69, 77 and 78 are those of sysexits.h. */
final class ExitCode {
    static final int OK = 0;
    /** The thing that was asked about failed. */
    static final int FAILED = 1;

    static final int USAGE = 2;
    /** Something that is needed is not here: a library, NFQUEUE in the kernel, a free queue. */
    static final int UNAVAILABLE = 69;
    /** CAP_NET_ADMIN is missing. */
    static final int NO_PERMISSION = 77;
    /** The configuration is invalid. */
    static final int CONFIGURATION = 78;

    private ExitCode() {}
}
