package org.amverdict.lab;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The packaged program that this code belongs to. Stateless. */
public final class PackagedProgram {
    private PackagedProgram() {}

    /**
     * Its {@code bin/amverdict}: next to the jar of this class, unless the property {@code amverdict.dist} names
     * another directory.
     *
     * @throws IOException if this code does not run from the packaged program
     */
    public static Path launcher() throws IOException {
        final String property = System.getProperty("amverdict.dist");
        if (property != null) {
            return Path.of(property, "bin", "amverdict");
        }
        try {
            final Path jar = Path.of(PackagedProgram.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            final Path dist = jar.toAbsolutePath().getParent();
            if (dist != null && Files.isExecutable(dist.resolve("bin/amverdict"))) {
                return dist.resolve("bin/amverdict");
            }
            throw new IOException("no bin/amverdict next to " + jar + "; start the packaged program (./dev build)");
        } catch (final URISyntaxException e) {
            throw new IOException("the program's own place is unclear", e);
        }
    }
}
