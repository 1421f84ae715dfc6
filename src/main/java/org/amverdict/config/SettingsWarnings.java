package org.amverdict.config;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.config.QueueRange.Wait;
import org.amverdict.config.Settings.Copy;
import org.amverdict.config.Settings.Mode;
import org.amverdict.engine.Verdict;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;

/** Finds what is valid but probably not meant. */
final class SettingsWarnings {
    /** The search for shadowed lines compares every pair; beyond this many lines it is left out. */
    private static final int SHADOW_LINES_MAX = 4096;

    /** Amanda sets SO_KEEPALIVE; the first probe comes after tcp_keepalive_time, 7200 s. */
    private static final long KEEPALIVE_NS = Durations.seconds(7200);

    private SettingsWarnings() {}

    static List<SettingsWarning> of(final Settings settings) {
        final List<SettingsWarning> warnings = new ArrayList<>();
        if (settings.queues().stream().allMatch(queue -> queue.copy() == Copy.HEADERS)) {
            add(
                    warnings,
                    "queues",
                    "no queue copies whole packets, so control datagrams are cut and open nothing; "
                            + "set copy: packet on the first queue");
            addUnreadable(settings.allow(), warnings);
        }
        for (int i = 0; i < settings.queues().size(); i++) {
            final QueueRange queues = settings.queues().get(i);
            if (queues.waiting() == Wait.SPIN && queues.cpu() == QueueRange.ANY_CPU) {
                add(warnings, "queues[" + i + "].wait", "takes a whole CPU for each queue; set cpu to say which");
            }
            if (queues.copy() == Copy.PACKET && queues.gso()) {
                add(
                        warnings,
                        "queues[" + i + "].gso",
                        "control datagrams that were merged on the way cannot be read, and mode enforce drops them; leave"
                                + " it out unless rules hand this queue nothing but TCP");
            }
        }
        if (settings.overload() == Verdict.ACCEPT) {
            add(warnings, "overload", "while a queue is full, the kernel accepts packets without a verdict");
        }
        if (settings.requesterPorts().last(settings.requesterPorts().rangeCount() - 1) > PortSet.PRIVILEGED_MAX) {
            add(warnings, "requester-ports", "any user can send from ports above 1023, and amandad refuses them");
        }
        if (settings.flows().idleNs() < KEEPALIVE_NS) {
            add(warnings, "flows.idle", "below TCP's keepalive of 2h: a silent MESG or INDEX stream would be cut off");
        }
        final ListenAddress listen = settings.metrics().listen();
        if (listen != null && !listen.isLoopback()) {
            add(
                    warnings,
                    "metrics.listen",
                    "other hosts can read the metrics and the status page, with hosts and disks; there is no password");
        }
        if (settings.allow().isEmpty() && settings.statics().isEmpty()) {
            add(warnings, "allow", nothingAllowed(settings));
        }
        for (int i = 0; i < settings.statics().size(); i++) {
            final StaticRange range = settings.statics().get(i);
            if (range.tcp().first(0) <= PortSet.PRIVILEGED_MAX) {
                add(warnings, "static[" + i + "].tcp", "opens privileged ports; Amanda's streams do not use them");
            }
        }
        addWide(settings, warnings);
        addPublished(settings, warnings);
        addShadowed(settings.allow(), warnings);
        return List.copyOf(warnings);
    }

    private static String nothingAllowed(final Settings settings) {
        final String dropped =
                settings.otherTraffic() == Verdict.DROP ? "every queued packet" : "every control datagram";
        return "nothing is allowed, so "
                + (settings.mode() == Mode.MONITOR ? "enforce mode would drop " + dropped : dropped + " is dropped");
    }

    private static void addWide(final Settings settings, final List<SettingsWarning> warnings) {
        for (int i = 0; i < settings.allow().size(); i++) {
            final Allowance line = settings.allow().get(i);
            addWide("allow[" + i + "].requesters", line.requesters(), warnings);
            addWide("allow[" + i + "].responders", line.responders(), warnings);
        }
        for (int i = 0; i < settings.statics().size(); i++) {
            final StaticRange line = settings.statics().get(i);
            addWide("static[" + i + "].from", line.from(), warnings);
            addWide("static[" + i + "].to", line.to(), warnings);
        }
    }

    private static void addWide(final String path, final HostSet hosts, final List<SettingsWarning> warnings) {
        final String range = WideHosts.rangeIn(hosts);
        if (range != null) {
            add(
                    warnings,
                    path,
                    "is " + range + ": each of these hosts may then do what only Amanda's should; write the networks of"
                            + " your Amanda hosts");
        }
    }

    private static void addPublished(final Settings settings, final List<SettingsWarning> warnings) {
        if (settings.mode() == Mode.MONITOR && !settings.published().entries().isEmpty()) {
            add(
                    warnings,
                    "published",
                    "mode monitor changes nothing, so it translates to no published host; load the rules again after"
                            + " mode: enforce");
        }
    }

    private static void addUnreadable(final List<Allowance> lines, final List<SettingsWarning> warnings) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).legacyRecovery()) {
                add(
                        warnings,
                        "allow[" + i + "].legacy-recovery",
                        "no queue copies whole packets, so the text on " + AmandaPorts.AMIDXTAPE
                                + "/tcp is cut and opens nothing");
            }
        }
    }

    private static void addShadowed(final List<Allowance> lines, final List<SettingsWarning> warnings) {
        if (lines.size() > SHADOW_LINES_MAX) {
            add(
                    warnings,
                    "allow",
                    "more than " + SHADOW_LINES_MAX + " lines, so lines without effect were not looked for");
            return;
        }
        for (int later = 1; later < lines.size(); later++) {
            for (int earlier = 0; earlier < later; earlier++) {
                if (shadows(lines.get(earlier), lines.get(later))) {
                    add(
                            warnings,
                            "allow[" + later + "]",
                            "'" + lines.get(later).name() + "' has no effect: '"
                                    + lines.get(earlier).name() + "' above matches all of it first");
                    break;
                }
            }
        }
    }

    private static boolean shadows(final Allowance earlier, final Allowance later) {
        return (later.services() & ~earlier.services()) == 0
                && (earlier.legacyRecovery() || !later.legacyRecovery())
                && earlier.requesters().covers(later.requesters())
                && earlier.responders().covers(later.responders());
    }

    private static void add(final List<SettingsWarning> warnings, final String path, final String message) {
        warnings.add(new SettingsWarning(path, message));
    }
}
