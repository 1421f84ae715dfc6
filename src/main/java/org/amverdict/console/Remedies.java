package org.amverdict.console;

/** Explanations whose remedy is shown in a line of its own. Stateless. */
public final class Remedies {
    private Remedies() {}

    /** The explanation without the remedy, where it ends with it. */
    public static String cause(final String explanation, final String remedy) {
        if (remedy.isEmpty() || !explanation.endsWith(remedy)) {
            return explanation;
        }
        int end = explanation.length() - remedy.length();
        while (end > 0 && " ;:,".indexOf(explanation.charAt(end - 1)) >= 0) {
            end--;
        }
        return explanation.substring(0, end);
    }
}
