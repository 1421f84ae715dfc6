package org.amverdict.config;

import org.amverdict.json.JsonLine;
import org.jspecify.annotations.Nullable;

/** A mapping, whose keys are settings of their own. Stateless. */
final class SectionKind extends Kind<Void> {
    @Override
    String form() {
        return "section";
    }

    @Override
    @Nullable Void read(final Section in, final String name) {
        return null;
    }

    @Override
    @Nullable String write(final Void value) {
        return null;
    }

    @Override
    String show(final Void value) {
        return "";
    }

    @Override
    void describe(final JsonLine schema) {
        throw new IllegalStateException("its keys are described");
    }
}
