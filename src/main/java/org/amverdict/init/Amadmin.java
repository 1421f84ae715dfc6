package org.amverdict.init;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.host.Tool;
import org.amverdict.host.ToolException;
import org.amverdict.host.ToolException.Cause;

/** Runs Amanda's own amadmin, which insists on being run by Amanda's user. Stateless; blocks for a bounded time. */
final class Amadmin {
    private static final String PACKAGE = "amanda-server";
    private static final long SECONDS_MAX = 60;
    private static final Pattern OTHER_USER =
            Pattern.compile("must be executed as the \"([a-z_][a-z0-9_-]{0,31})\" user");

    private Amadmin() {}

    /**
     * The disk list of a configuration, with every option.
     *
     * @throws ToolException if amadmin is not there, or refuses; the message says why
     */
    static List<DiskEntry> disklist(final String configuration) throws ToolException {
        final List<String> command = List.of("amadmin", configuration, "disklist");
        try {
            return AdminOutput.read(Tool.run(PACKAGE, "", command, SECONDS_MAX));
        } catch (final ToolException e) {
            final Matcher other = OTHER_USER.matcher(String.valueOf(e.getMessage()));
            final boolean otherUser = other.find();
            if (e.why() == Cause.NOT_PERMITTED || (otherUser && !"root".equals(System.getProperty("user.name")))) {
                throw new ToolException(
                        Cause.NOT_PERMITTED,
                        "amadmin works only for Amanda's own user: run this as root or as that user");
            }
            if (!otherUser) {
                throw e;
            }
            return AdminOutput.read(Tool.run(
                    "util-linux",
                    "",
                    List.of(
                            "runuser",
                            "-u",
                            other.group(1),
                            "--",
                            "env",
                            "PATH=/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin:/sbin:/bin",
                            "amadmin",
                            configuration,
                            "disklist"),
                    SECONDS_MAX));
        }
    }
}
