package org.amverdict.host;

import java.util.regex.Pattern;

/**
 * Whether this kernel has a part, without loading it: /proc/modules, the kernel's configuration (/proc/config.gz or
 * /boot/config-RELEASE), and the lists below /lib/modules/RELEASE. Stateless.
 */
public final class KernelParts {
    /** What is known about a part. */
    public enum State {
        /** It is in the kernel, or its module is loaded. */
        PRESENT,
        /** A module that the kernel loads on demand. */
        LOADABLE,
        /** The kernel was built with it as a module, but the module is not installed. */
        NOT_INSTALLED,
        ABSENT,
        UNKNOWN
    }

    private KernelParts() {}

    public static String release(final Host host) {
        return host.read("/proc/sys/kernel/osrelease").orEmpty().strip();
    }

    /** Whether it is loaded already; true if that is unknown. */
    public static boolean isPresent(final Host host, final String option, final String module) {
        final State state = of(host, option, module);
        return state == State.PRESENT || state == State.UNKNOWN;
    }

    /**
     * Looks up a part.
     *
     * @param option as in CONFIG_NFT_QUEUE
     * @param module file name without .ko
     */
    public static State of(final Host host, final String option, final String module) {
        if (lines(host, "/proc/modules", Pattern.quote(module) + " .*")) {
            return State.PRESENT;
        }
        final String modules = "/lib/modules/" + release(host);
        final String file = "(.*/)?" + module.replace("_", "[_-]") + "\\.ko(\\.[a-z0-9]+)?(:.*)?";
        final boolean listed = host.read(modules + "/modules.dep").ok();
        final boolean installed = listed && lines(host, modules + "/modules.dep", file);
        Host.Text config = host.read("/proc/config.gz");
        if (!config.ok()) {
            config = host.read("/boot/config-" + release(host));
        }
        if (config.ok()) {
            if (has(config.text(), Pattern.quote(option) + "=y")) {
                return State.PRESENT;
            }
            if (!has(config.text(), Pattern.quote(option) + "=m")) {
                return State.ABSENT;
            }
            return installed || !listed ? State.LOADABLE : State.NOT_INSTALLED;
        }
        if (lines(host, modules + "/modules.builtin", file)) {
            return State.PRESENT;
        }
        return installed ? State.LOADABLE : listed ? State.ABSENT : State.UNKNOWN;
    }

    private static boolean lines(final Host host, final String path, final String line) {
        return has(host.read(path).orEmpty(), line);
    }

    private static boolean has(final String text, final String line) {
        return Pattern.compile("^" + line + "$", Pattern.MULTILINE)
                .matcher(text)
                .find();
    }
}
