package org.amverdict.config;

import java.util.HashMap;
import java.util.Map;
import org.amverdict.policy.PublishedHosts;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * From YAML nodes to {@link Settings}: reads every key, then checks related keys against each other. Reports every
 * error and puts the default in its place. Used by one thread during loading.
 */
final class SettingsBinder {
    private final Section top;
    private final Map<String, Section> sections = new HashMap<>();
    private Settings settings = Settings.defaults();

    private SettingsBinder(final Section top) {
        this.top = top;
    }

    static Settings bind(final @Nullable Node root, final Problems problems) {
        final SettingsBinder binder = new SettingsBinder(Section.file(root, problems));
        for (final SettingsKey<?> key : SettingsKeys.ALL) {
            if (key.isSetting()) {
                binder.read(key);
            }
        }
        binder.compareQuota(SettingsKeys.EXPECTATIONS_PER_REQUESTER, SettingsKeys.EXPECTATIONS_CAPACITY);
        binder.compareQuota(SettingsKeys.TRANSACTIONS_PER_REQUESTER, SettingsKeys.TRANSACTIONS_CAPACITY);
        SettingsKeys.MARK_OF.values().forEach(binder::compareWithMask);
        SettingsKeys.MARK_OF.values().forEach(binder::compareWithContinueMark);
        binder.comparePublished();
        return binder.settings;
    }

    private Section sectionOf(final SettingsKey<?> key) {
        return key.section().isEmpty() ? top : sections.computeIfAbsent(key.section(), top::section);
    }

    private <T> void read(final SettingsKey<T> key) {
        final T value = sectionOf(key).get(key);
        if (value != null) {
            settings = settings.with(key, value);
        }
    }

    private void compareQuota(final SettingsKey<Integer> quota, final SettingsKey<Integer> capacity) {
        final Section in = sectionOf(quota);
        if (settings.get(quota) > settings.get(capacity) && (in.has(quota.name()) || in.has(capacity.name()))) {
            in.error(
                    in.has(quota.name()) ? quota.name() : capacity.name(),
                    "'" + quota.path() + "' (" + settings.get(quota) + ") is above '" + capacity.path() + "' ("
                            + settings.get(capacity) + "): one requester could fill the table");
        }
    }

    private void compareWithMask(final SettingsKey<Long> mark) {
        final long value = settings.get(mark);
        final long mask = settings.marks().mask();
        if (value != Settings.Marks.NONE && (value & ~mask) != 0) {
            final Section in = sectionOf(mark);
            in.error(mark.name(), "mark " + in.text(mark.name()) + " has bits outside the mask " + Kinds.hex(mask));
            settings = settings.with(mark, Settings.Marks.NONE);
        }
    }

    /** A stream's packet must not look like one that is left to other rules; the mask may have the bits. */
    private void compareWithContinueMark(final SettingsKey<Long> mark) {
        final long value = settings.get(mark);
        if (value != Settings.Marks.NONE && (value & settings.continueMark()) != 0) {
            final Section in = sectionOf(mark);
            in.error(
                    mark.name(),
                    "mark " + in.text(mark.name()) + " has bits of 'continue-mark' ("
                            + Kinds.hex(settings.continueMark()) + "), which leave a packet to the host's other rules;"
                            + " take other bits for one of them");
            settings = settings.with(mark, Settings.Marks.NONE);
        }
    }

    private void comparePublished() {
        final String at = top.has(SettingsKeys.PUBLISHED_MASK.name())
                ? SettingsKeys.PUBLISHED_MASK.name()
                : SettingsKeys.PUBLISHED.name();
        final long mask = settings.get(SettingsKeys.PUBLISHED_MASK);
        final Settings.Marks marks = settings.marks();
        if (!settings.get(SettingsKeys.PUBLISHED).isEmpty() && marks.any() && (marks.mask() & mask) != 0) {
            top.error(
                    at,
                    "the published hosts are told apart by the bits " + Kinds.hex(mask)
                            + " of the packet mark, and 'marks.mask' (" + Kinds.hex(marks.mask())
                            + ") has some of them; set marks.mask to the bits that the marks need");
        }
        if (!settings.get(SettingsKeys.PUBLISHED).isEmpty() && (settings.continueMark() & mask) != 0) {
            final String continueMark = SettingsKeys.CONTINUE_MARK.name();
            top.error(
                    top.has(continueMark) ? continueMark : at,
                    "'continue-mark' (" + Kinds.hex(settings.continueMark()) + ") and 'published-mask' ("
                            + Kinds.hex(mask) + ") share bits; take other bits for one of them");
        }
        top.checked(at, () -> PublishedHosts.of(settings.get(SettingsKeys.PUBLISHED), mask));
    }
}
