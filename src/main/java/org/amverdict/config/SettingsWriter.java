package org.amverdict.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
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
        return section(section, settings, key -> true);
    }

    private static String section(
            final SettingsKey<?> section, final Settings settings, final Predicate<SettingsKey<?>> wanted) {
        return SettingsKeys.ALL.stream()
                .filter(key -> key.section().equals(section.name()) && wanted.test(key))
                .map(key -> line(key, settings))
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining(", ", section.name() + ": {", "}"));
    }

    /** The lines of these settings that differ from those of others, by the name of their top-level key. */
    static Map<String, String> differences(final Settings settings, final Settings others) {
        final Map<String, String> lines = new LinkedHashMap<>();
        for (final SettingsKey<?> key : SettingsKeys.ALL) {
            if (!key.isSetting() || settings.get(key).equals(others.get(key))) {
                continue;
            }
            if (key.section().isEmpty()) {
                lines.put(key.name(), line(key, settings));
            } else {
                final SettingsKey<?> section = SettingsKeys.ALL.stream()
                        .filter(each -> each.section().isEmpty() && each.name().equals(key.section()))
                        .findFirst()
                        .orElseThrow();
                lines.computeIfAbsent(
                        key.section(),
                        name -> section(
                                section, settings, each -> !settings.get(each).equals(others.get(each))));
            }
        }
        lines.values().removeIf(String::isEmpty);
        return lines;
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
