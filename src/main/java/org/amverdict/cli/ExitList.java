package org.amverdict.cli;

import org.amverdict.host.ExitCode;

/** What several commands say of their exit status, for {@code exitCodeList}: "CODE:MEANING". */
final class ExitList {
    static final String HEADING = "%nExit status:%n";

    static final String ANSWERED = ExitCode.OK + ":the daemon has answered";
    static final String USAGE = ExitCode.USAGE + ":wrong usage";
    static final String NO_DAEMON = ExitCode.UNAVAILABLE + ":no daemon answers at the socket";
    static final String NO_DAEMON_ANY_MORE = NO_DAEMON + ", or it has stopped";
    static final String NO_SOCKET = ExitCode.NO_PERMISSION + ":the socket is not for this user";
    static final String NO_CAPABILITY = ExitCode.NO_PERMISSION + ":needs CAP_NET_ADMIN";
    static final String CONFIGURATION = ExitCode.CONFIGURATION + ":the configuration is invalid";

    private ExitList() {}
}
