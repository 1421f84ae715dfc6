package org.amverdict.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * From the settings in force to those that a file says now: what a running program can take up, and what it cannot.
 * Immutable.
 *
 * @param result the settings in force afterwards: the new ones, with the old values of what needs a restart
 * @param changed keys of amverdict.yaml whose new value is in force afterwards, in the order of the file
 * @param restart keys whose new value needs a restart
 */
public record SettingsChange(Settings result, List<String> changed, List<String> restart) {
    public SettingsChange {
        changed = List.copyOf(changed);
        restart = List.copyOf(restart);
    }

    /** Compares. */
    public static SettingsChange between(final Settings old, final Settings wanted) {
        final List<String> changed = new ArrayList<>();
        note(changed, "mode", old.mode(), wanted.mode());
        note(changed, "control-ports", old.controlPorts(), wanted.controlPorts());
        note(changed, "requester-ports", old.requesterPorts(), wanted.requesterPorts());
        note(changed, "allow", old.allow(), wanted.allow());
        note(changed, "static", old.statics(), wanted.statics());
        note(changed, "published", old.published(), wanted.published());
        note(changed, "match-interfaces", old.matchInterfaces(), wanted.matchInterfaces());
        final Settings.Expectations expectations = wanted.expectations();
        note(changed, "expectations.lifetime", old.expectations().lifetimeNs(), expectations.lifetimeNs());
        note(changed, "expectations.per-reply", old.expectations().perReply(), expectations.perReply());
        note(
                changed,
                "transactions.reply-within",
                old.transactions().replyWithinNs(),
                wanted.transactions().replyWithinNs());
        note(changed, "flows.adopt", old.flows().adopt(), wanted.flows().adopt());
        note(changed, "refused-reply", old.refusedReply(), wanted.refusedReply());
        note(changed, "marks", old.marks(), wanted.marks());
        note(changed, "log.level", old.log().level(), wanted.log().level());
        return new SettingsChange(merge(old, wanted), changed, restart(old, wanted));
    }

    private static List<String> restart(final Settings old, final Settings wanted) {
        final List<String> restart = new ArrayList<>();
        note(restart, "queues", old.queues(), wanted.queues());
        note(restart, "queue-length", old.queueLength(), wanted.queueLength());
        note(restart, "overload", old.overload(), wanted.overload());
        final Settings.Expectations expectations = wanted.expectations();
        note(restart, "expectations.capacity", old.expectations().capacity(), expectations.capacity());
        note(restart, "expectations.per-requester", old.expectations().perRequester(), expectations.perRequester());
        final Settings.Transactions transactions = wanted.transactions();
        note(restart, "transactions.capacity", old.transactions().capacity(), transactions.capacity());
        note(restart, "transactions.per-requester", old.transactions().perRequester(), transactions.perRequester());
        note(restart, "flows.capacity", old.flows().capacity(), wanted.flows().capacity());
        note(restart, "flows.idle", old.flows().idleNs(), wanted.flows().idleNs());
        note(restart, "log.format", old.log().format(), wanted.log().format());
        note(restart, "events", old.events(), wanted.events());
        note(restart, "metrics", old.metrics(), wanted.metrics());
        note(restart, "control", old.control(), wanted.control());
        note(restart, "state", old.state(), wanted.state());
        return restart;
    }

    private static void note(final List<String> keys, final String key, final Object old, final Object wanted) {
        if (!Objects.equals(old, wanted)) {
            keys.add(key);
        }
    }

    private static Settings merge(final Settings old, final Settings wanted) {
        return new Settings(
                wanted.mode(),
                old.queues(),
                old.queueLength(),
                old.overload(),
                wanted.controlPorts(),
                wanted.requesterPorts(),
                wanted.allow(),
                wanted.statics(),
                wanted.published(),
                wanted.matchInterfaces(),
                new Settings.Expectations(
                        wanted.expectations().lifetimeNs(),
                        wanted.expectations().perReply(),
                        old.expectations().capacity(),
                        old.expectations().perRequester()),
                new Settings.Transactions(
                        wanted.transactions().replyWithinNs(),
                        old.transactions().capacity(),
                        old.transactions().perRequester()),
                new Settings.Flows(
                        old.flows().capacity(),
                        old.flows().idleNs(),
                        wanted.flows().adopt()),
                wanted.refusedReply(),
                wanted.marks(),
                new Settings.Log(wanted.log().level(), old.log().format()),
                old.events(),
                old.metrics(),
                old.control(),
                old.state());
    }
}
