package org.amverdict.config;

import org.jspecify.annotations.Nullable;

/**
 * One key of the configuration file, with everything known about it: it drives reading and writing the file, detecting
 * changes in a reload, and generating the manual page and the JSON schema. Declared in {@link SettingsKeys}. Immutable.
 *
 * @param <T> its value in the program
 */
public final class SettingsKey<T> {
    /** When a new value of a key takes effect. */
    public enum Effect {
        /** With a reload. */
        AT_ONCE,
        /** At the next start. */
        RESTART,
        /** Not a setting of its own: a section changes with its keys, a key of an entry with the list. */
        OF_ANOTHER
    }

    private final String path;
    private final Kind<T> kind;
    private final Absent<T> absent;
    private final Effect effect;
    private final String whole;
    private final String text;

    /**
     * What applies when a key is left out.
     *
     * @param value the default; null if the key is required, or if the default depends on other keys
     * @param words the default, for people; null if the value itself says it
     * @param example what to write if it is required, else ""
     */
    record Absent<T>(@Nullable T value, @Nullable String words, String example) {
        /** A default. */
        static <T> Absent<T> means(final T value) {
            return new Absent<>(value, null, "");
        }

        /** A default that is shown in other words. */
        static <T> Absent<T> means(final T value, final String words) {
            return new Absent<>(value, words, "");
        }

        /** A default that depends on other keys. */
        static <T> Absent<T> depends(final String words) {
            return new Absent<>(null, words, "");
        }

        /** The key is required. */
        static <T> Absent<T> isMissed(final String example) {
            return new Absent<>(null, "", example);
        }
    }

    private SettingsKey(
            final String path,
            final Kind<T> kind,
            final Absent<T> absent,
            final Effect effect,
            final String whole,
            final String text) {
        this.path = path;
        this.kind = kind;
        this.absent = absent;
        this.effect = effect;
        this.whole = whole;
        this.text = text;
    }

    /**
     * A setting.
     *
     * @param path as in "expectations.lifetime"; "mode" for a key of the file itself
     * @param text what it does, in whole sentences
     */
    static <T> SettingsKey<T> setting(
            final String path, final Kind<T> kind, final Absent<T> absent, final Effect effect, final String text) {
        return new SettingsKey<>(path, kind, absent, effect, path, text);
    }

    /** A section, or a key of the entries of a list. */
    static <T> SettingsKey<T> part(final String path, final Kind<T> kind, final Absent<T> absent, final String text) {
        return new SettingsKey<>(path, kind, absent, Effect.OF_ANOTHER, path, text);
    }

    /** The same, reported by a reload under the name of its parent. */
    SettingsKey<T> in(final String otherWhole) {
        return new SettingsKey<>(path, kind, absent, effect, otherWhole, text);
    }

    /** As in {@code expectations.lifetime}. */
    public String path() {
        return path;
    }

    /** The mapping it is in: "" for the file itself, else the key of the mapping or list. */
    public String section() {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    /** Without the section. */
    public String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** What its value looks like, for people. */
    public String form() {
        return kind.form();
    }

    /** The default, for people; "" if the key is required. */
    public String absentText() {
        if (absent.words != null) {
            return absent.words;
        }
        return absent.value == null ? "" : kind.show(absent.value);
    }

    /** When a new value takes effect. */
    public Effect effect() {
        return effect;
    }

    /** The name under which a reload reports a change: its path, or that of what it belongs to. */
    public String whole() {
        return whole;
    }

    /** What it does, in whole sentences. */
    public String text() {
        return text;
    }

    /** All that a reader of the reference needs to know: what it does, its default, and when a change takes effect. */
    public String explanation() {
        final String without = absentText();
        return text
                + (without.isEmpty() ? " Required." : " Default: " + without + ".")
                + (effect == Effect.RESTART ? " A change needs a restart." : "");
    }

    Kind<T> kind() {
        return kind;
    }

    @Nullable T absentValue() {
        return absent.value;
    }

    /** Whether it is required. */
    boolean isRequired() {
        return !absent.example.isEmpty();
    }

    /** What to write if it is required and missing. */
    String example() {
        return absent.example;
    }

    /** Whether {@link Settings} holds a value of it. */
    boolean isSetting() {
        return effect != Effect.OF_ANOTHER;
    }

    @Override
    public String toString() {
        return path;
    }
}
