package org.amverdict.cli;

/** Writes a manual page in the man macros (groff_man(7)). One thread. */
final class Roff {
    private static final int ASCII_END = 0x7f;

    private final StringBuilder page = new StringBuilder();

    /** Plain text as roff source. */
    static String escaped(final String text) {
        final StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            switch (c) {
                case '\\' -> escaped.append("\\e");
                case '-' -> escaped.append("\\-");
                case '\'' -> escaped.append("\\(aq");
                case '^' -> escaped.append("\\(ha");
                case '~' -> escaped.append("\\(ti");
                case '`' -> escaped.append("\\(ga");
                default -> escaped.append(c >= ASCII_END ? String.format("\\[u%04X]", (int) c) : String.valueOf(c));
            }
        }
        return escaped.toString();
    }

    static String bold(final String text) {
        return "\\fB" + escaped(text) + "\\fR";
    }

    static String italic(final String text) {
        return "\\fI" + escaped(text) + "\\fR";
    }

    Roff title(final String name, final int section, final String version) {
        return raw(".TH \"" + escaped(name) + "\" " + section + " \"\" \"amverdict " + escaped(version) + "\"");
    }

    Roff section(final String heading) {
        return raw(".SH \"" + escaped(heading) + "\"");
    }

    Roff subsection(final String heading) {
        return raw(".SS \"" + escaped(heading) + "\"");
    }

    /** A term with its indented description below it. */
    Roff item(final String term, final String text) {
        return raw(".TP").line(term).line(escaped(text));
    }

    Roff paragraph(final String text) {
        return raw(".PP").line(escaped(text));
    }

    Roff lineBreak() {
        return raw(".br");
    }

    /** Lines as they are. */
    Roff verbatim(final String text) {
        raw(".PP").raw(".RS 4").raw(".nf");
        text.lines().forEach(line -> line(escaped(line)));
        return raw(".fi").raw(".RE");
    }

    /** Roff source that is text: a leading dot does not begin a request. */
    Roff line(final String source) {
        page.append(source.startsWith(".") ? "\\&" : "").append(source).append('\n');
        return this;
    }

    private Roff raw(final String request) {
        page.append(request).append('\n');
        return this;
    }

    @Override
    public String toString() {
        return page.toString();
    }
}
