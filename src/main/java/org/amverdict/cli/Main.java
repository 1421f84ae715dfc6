package org.amverdict.cli;

/** Entry point of the program. */
public final class Main {
    private Main() {}

    public static void main(final String[] args) {
        System.out.println("amverdict");
    }
}
