package org.amverdict.soak;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * One figure of the samples against time, as SVG: from 0 up, with a mark where a fault was. Self-contained, and follows
 * the viewer's light or dark mode. Stateless.
 */
final class TimeSeries {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 240;
    private static final int LEFT = 70;
    private static final int RIGHT = 780;
    private static final int TOP = 40;
    private static final int BOTTOM = 200;
    private static final int TICKS = 4;
    private static final String STYLE = """
            <style>
            text{font:13px sans-serif;fill:#1f2328}
            .ground{fill:#ffffff}
            .grid{stroke:#d1d9e0}
            .fault{stroke:#cf222e;stroke-opacity:.35}
            .line{stroke:#0063b1;fill:none;stroke-width:1.5}
            @media (prefers-color-scheme:dark){
            text{fill:#f0f6fc}
            .ground{fill:#0d1117}
            .grid{stroke:#3d444d}
            .line{stroke:#58a6ff}
            }
            </style>
            """;

    private final StringBuilder out = new StringBuilder();
    private final double last;
    private final double top;

    private TimeSeries(final double last, final double top) {
        this.last = last;
        this.top = top;
    }

    /** The whole document. */
    static String svg(final String title, final List<Sample> samples, final ToDoubleFunction<Sample> figure) {
        final double last = samples.get(samples.size() - 1).seconds();
        final double most = samples.stream().mapToDouble(figure).max().orElse(1);
        final double step = Math.pow(10, Math.floor(Math.log10(Math.max(1, most))));
        return new TimeSeries(Math.max(1, last), Math.ceil(Math.max(1, most) / step) * step)
                .draw(title, samples, figure);
    }

    private String draw(final String title, final List<Sample> samples, final ToDoubleFunction<Sample> figure) {
        add("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' role='img'>\n", WIDTH, HEIGHT);
        add("<title>%s</title>\n%s<rect class='ground' width='%d' height='%d'/>\n", title, STYLE, WIDTH, HEIGHT);
        add("<text x='%d' y='24'>%s</text>\n", LEFT, title);
        for (int i = 0; i <= TICKS; i++) {
            final double value = top * i / TICKS;
            add("<path class='grid' d='M%d %.1fH%d'/>\n", LEFT, y(value), RIGHT);
            add("<text x='%d' y='%.1f' text-anchor='end'>%s</text>\n", LEFT - 8, y(value) + 4, number(value));
            final double seconds = last * i / TICKS;
            add(
                    "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>\n",
                    x(seconds), BOTTOM + 22, number(Math.rint(seconds)) + " s");
        }
        final StringBuilder line = new StringBuilder();
        for (final Sample sample : samples) {
            if (!sample.fault().isEmpty()) {
                add(
                        "<path class='fault' d='M%.1f %dV%d'><title>%s</title></path>\n",
                        x(sample.seconds()), TOP, BOTTOM, sample.fault());
            }
            line.append(String.format(
                    Locale.ROOT,
                    "%s%.1f %.1f",
                    line.isEmpty() ? "M" : "L",
                    x(sample.seconds()),
                    y(figure.applyAsDouble(sample))));
        }
        add("<path class='line' d='%s'/>\n</svg>\n", line);
        return out.toString();
    }

    private void add(final String format, final Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }

    private static String number(final double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.1f", value);
    }

    private double x(final double seconds) {
        return LEFT + (RIGHT - LEFT) * seconds / last;
    }

    private double y(final double value) {
        return BOTTOM - (BOTTOM - TOP) * value / top;
    }
}
