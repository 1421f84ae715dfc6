package org.amverdict.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.amverdict.config.SettingsKey.Effect;

/**
 * From the settings in force to those in a file now: what a running program can apply, and what it cannot. Immutable.
 *
 * @param result the settings in force afterwards: the new ones, with the old values of what needs a restart
 * @param changed keys of amverdict.yaml whose new value is in force afterwards, in the order of the file
 * @param restart keys whose new value needs a restart
 */
public record SettingsChange(Settings result, List<String> changed, List<String> restart) {
    /** What {@code amverdict rules} makes its rules from. */
    private static final List<SettingsKey<?>> IN_RULES = List.of(
            SettingsKeys.CONTROL_PORTS,
            SettingsKeys.REQUESTER_PORTS,
            SettingsKeys.ALLOW,
            SettingsKeys.STATIC,
            SettingsKeys.PUBLISHED,
            SettingsKeys.QUEUES);

    public SettingsChange {
        changed = List.copyOf(changed);
        restart = List.copyOf(restart);
    }

    /** Compares. */
    public static SettingsChange between(final Settings old, final Settings wanted) {
        final Set<String> changed = new LinkedHashSet<>();
        final Set<String> restart = new LinkedHashSet<>();
        Settings result = old;
        for (final SettingsKey<?> key : SettingsKeys.ALL) {
            if (!key.isSetting() || old.get(key).equals(wanted.get(key))) {
                continue;
            }
            if (key.effect() == Effect.AT_ONCE) {
                result = result.with(key, wanted);
                changed.add(key.whole());
            } else {
                restart.add(key.whole());
            }
        }
        return new SettingsChange(result, List.copyOf(changed), List.copyOf(restart));
    }

    /** Whether the firewall rules may differ for the new values. */
    public boolean concernsRules() {
        return IN_RULES.stream()
                .map(SettingsKey::whole)
                .anyMatch(key -> changed.contains(key) || restart.contains(key));
    }
}
