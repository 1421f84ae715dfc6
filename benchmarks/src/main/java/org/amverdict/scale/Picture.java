package org.amverdict.scale;

import java.util.List;
import java.util.Locale;

/**
 * A diagram as SVG: nanoseconds, from 0 up, against a number on a logarithmic axis. It is self-contained, without
 * external fonts, styles or scripts, and follows the viewer's light or dark mode. Equal input gives equal bytes.
 * Stateless.
 */
final class Picture {
    private static final int WIDTH = 800;
    private static final int LEFT = 70;
    private static final int RIGHT = 770;
    private static final int TOP = 70;
    private static final int BOTTOM = 370;
    private static final int LEGEND = 440;
    private static final int LEGEND_STEP = 22;
    /** Share of the axis that stays free on either side. */
    private static final double MARGIN = 0.03;

    private static final int TICKS_MAX = 8;
    private static final double CAP = 4;
    private static final String RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /** Shapes, drawn around the origin, distinguish the series in addition to colors. */
    private static final String[] SHAPES = {
        "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
        "M-4.5 -4.5h9v9h-9z",
        "M0 -6L5.5 4h-11z",
        "M0 -6L6 0L0 6L-6 0z",
        "M0 6L5.5 -4h-11z",
    };

    private static final String STYLE = """
            <style>
            text{font:14px sans-serif;fill:#1f2328}
            .title{font-size:17px;font-weight:bold}
            .ground{fill:#ffffff}
            .grid{stroke:#d1d9e0}
            .mark{stroke:#59636e;stroke-dasharray:5 4}
            .c0{color:#0063b1}.c1{color:#b35900}.c2{color:#1a7f37}.c3{color:#8250df}.c4{color:#cf222e}
            @media (prefers-color-scheme:dark){
            text{fill:#f0f6fc}
            .ground{fill:#0d1117}
            .grid{stroke:#3d444d}
            .mark{stroke:#9198a1}
            .c0{color:#58a6ff}.c1{color:#f0883e}.c2{color:#3fb950}.c3{color:#bc8cff}.c4{color:#ff7b72}
            }
            </style>
            """;

    private final List<Series> series;
    private final List<Mark> marks;
    private final double first;
    private final double last;
    private final double tick;
    private final double top;
    private final StringBuilder out = new StringBuilder();

    private Picture(final List<Series> series, final List<Mark> marks) {
        this.series = series;
        this.marks = marks;
        double from = Double.MAX_VALUE;
        double to = 0;
        double most = 0;
        for (final Series one : series) {
            for (final Point point : one.points()) {
                from = Math.min(from, point.size());
                to = Math.max(to, point.size());
                most = Math.max(most, point.most());
            }
        }
        first = Math.log10(from);
        last = Math.log10(to);
        tick = tick(most);
        top = tick * Math.ceil(most / tick);
    }

    /** 1, 2 or 5 times a power of ten, so that there are no more than {@link #TICKS_MAX} up to {@code most}. */
    private static double tick(final double most) {
        double decade = Math.pow(10, Math.floor(Math.log10(most / TICKS_MAX)));
        while (true) {
            for (final int factor : new int[] {1, 2, 5}) {
                if (most <= factor * decade * TICKS_MAX) {
                    return factor * decade;
                }
            }
            decade *= 10;
        }
    }

    /**
     * The whole document.
     *
     * @param title above the diagram
     * @param axis what the horizontal axis counts
     * @param series one to five
     * @param marks vertical lines; those outside the sizes of the series are left out
     */
    static String svg(final String title, final String axis, final List<Series> series, final List<Mark> marks) {
        if (series.isEmpty() || series.size() > SHAPES.length) {
            throw new IllegalArgumentException(series.size() + " series, want 1 to " + SHAPES.length);
        }
        return new Picture(series, marks).draw(title, axis);
    }

    private String draw(final String title, final String axis) {
        final int height = LEGEND + LEGEND_STEP * series.size();
        add("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' role='img'>\n", WIDTH, height);
        add("<title>%s</title>\n%s", escaped(title), STYLE);
        add("<rect class='ground' width='%d' height='%d'/>\n", WIDTH, height);
        text("title", LEFT, 28, "start", title);
        verticalAxis();
        horizontalAxis(axis);
        for (final Mark mark : marks) {
            mark(mark);
        }
        for (int i = 0; i < series.size(); i++) {
            curve(i, series.get(i));
        }
        return out.append("</svg>\n").toString();
    }

    private void verticalAxis() {
        for (int i = 0; i * tick <= top; i++) {
            final double y = y(i * tick);
            add("<path class='grid' d='M%d %sH%d'/>\n", LEFT, number(y), RIGHT);
            text("", LEFT - 8, y + 5, "end", plain(i * tick));
        }
        text("", LEFT - 8, TOP - 12, "end", "ns");
    }

    /** Powers of ten; if the sizes are all within one, the sizes themselves. */
    private void horizontalAxis(final String axis) {
        if (last - first < 1) {
            series.stream()
                    .flatMap(one -> one.points().stream())
                    .mapToLong(Point::size)
                    .distinct()
                    .sorted()
                    .forEach(size -> horizontalTick(x(size), String.valueOf(size)));
        } else {
            for (int exponent = (int) Math.ceil(first); exponent <= last; exponent++) {
                horizontalTick(x(Math.pow(10, exponent)), "10" + RAISED.charAt(exponent));
            }
        }
        text("", (LEFT + RIGHT) / 2.0, BOTTOM + 48, "middle", axis);
    }

    private void horizontalTick(final double x, final String label) {
        add("<path class='grid' d='M%s %dV%d'/>\n", number(x), TOP, BOTTOM + 6);
        text("", x, BOTTOM + 24, "middle", label);
    }

    private void mark(final Mark mark) {
        final double place = Math.log10(mark.size());
        if (place < first || place > last) {
            return;
        }
        final double x = x(mark.size());
        add("<path class='mark' d='M%s %dV%d'/>\n", number(x), TOP - 6, BOTTOM);
        text("", x, TOP - 12, "middle", mark.label());
    }

    private void curve(final int index, final Series one) {
        add("<g class='c%d' stroke='currentColor' stroke-width='2'>\n", index);
        final StringBuilder line = new StringBuilder();
        for (final Point point : one.points()) {
            final double x = x(point.size());
            line.append(line.isEmpty() ? "M" : "L")
                    .append(number(x))
                    .append(' ')
                    .append(number(y(point.nanos())));
            add(
                    "<path stroke-width='1.5' d='M%1$s %3$sh%5$sM%2$s %3$sV%4$sM%1$s %4$sh%5$s'/>\n",
                    number(x - CAP), number(x), number(y(point.least())), number(y(point.most())), number(2 * CAP));
            shape(index, x, y(point.nanos()));
        }
        add("<path fill='none' d='%s'/>\n", line);
        final double y = LEGEND + LEGEND_STEP * index;
        shape(index, LEFT, y);
        out.append("</g>\n");
        text("", LEFT + 16, y + 5, "start", one.label());
    }

    private void shape(final int index, final double x, final double y) {
        add(
                "<path fill='currentColor' stroke='none' transform='translate(%s %s)' d='%s'/>\n",
                number(x), number(y), SHAPES[index]);
    }

    private void text(final String type, final double x, final double y, final String anchor, final String text) {
        final String styled = type.isEmpty() ? "" : " class='" + type + "'";
        add("<text%s x='%s' y='%s' text-anchor='%s'>%s</text>\n", styled, number(x), number(y), anchor, escaped(text));
    }

    private double x(final double size) {
        final double share = last == first ? 0.5 : (Math.log10(size) - first) / (last - first);
        return LEFT + (RIGHT - LEFT) * (MARGIN + share * (1 - 2 * MARGIN));
    }

    private double y(final double nanos) {
        return BOTTOM - (BOTTOM - TOP) * nanos / top;
    }

    private void add(final String format, final Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }

    private static String number(final double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** Without insignificant digits. */
    private static String plain(final double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String escaped(final String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
