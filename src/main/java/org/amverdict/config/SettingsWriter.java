package org.amverdict.config;

import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Settings as YAML that {@link SettingsLoader} reads back unchanged. Stateless. */
final class SettingsWriter {
    /** Keys with an empty line above. */
    private static final Set<SettingsKey<?>> SET_APART =
            Set.of(SettingsKeys.CONTROL_PORTS, SettingsKeys.EXPECTATIONS, SettingsKeys.LOG);

    private SettingsWriter() {}

    static String write(final Settings settings) {
        final StringBuilder text = new StringBuilder();
        for (final SettingsKey<?> key : SettingsKeys.ALL) {
            if (key.section().isEmpty()) {
                text.append(SET_APART.contains(key) ? "\n" : "");
                text.append(key.isSetting() ? line(key, settings) : section(key, settings))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String section(final SettingsKey<?> section, final Settings settings) {
        return SettingsKeys.ALL.stream()
                .filter(key -> key.section().equals(section.name()))
                .map(key -> line(key, settings))
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining(", ", section.name() + ": {", "}"));
    }

    /** Key and value; empty if this value is written by leaving out the key. */
    private static <T> String line(final SettingsKey<T> key, final Settings settings) {
        final @Nullable String value = key.kind().write(settings.get(key));
        if (value == null) {
            return "";
        }
        return key.name() + (value.startsWith("\n") ? ":" : ": ") + value;
    }
}
