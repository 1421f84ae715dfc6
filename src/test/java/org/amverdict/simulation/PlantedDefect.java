package org.amverdict.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A small fault for one class of the program: text of its source that occurs exactly once, and what takes its place.
 *
 * @param name of the property that it breaks, or of the fault of threats.md that it brings back
 * @param what it is
 * @param path of the source, under the sources of its module
 * @param found the properties as a violation of which it may be found
 */
record PlantedDefect(String name, String what, String path, List<Change> changes, List<String> found) {
    private static final List<Path> ROOTS = List.of(Path.of("main/java"), Path.of("../native-bindings/src/main/java"));

    /** One replacement. */
    record Change(String before, String after) {}

    static PlantedDefect of(
            final String name,
            final String what,
            final String path,
            final String before,
            final String after,
            final String... found) {
        return new PlantedDefect(name, what, path, List.of(new Change(before, after)), List.of(found));
    }

    /** The source with the defect; fails if the source has changed so that it does not apply. */
    String source() throws IOException {
        String source = Files.readString(file());
        for (final Change change : changes) {
            final int at = source.indexOf(change.before);
            if (at < 0 || source.indexOf(change.before, at + 1) >= 0) {
                throw new AssertionError("defect " + name + " does not apply to " + path + ": this is there "
                        + (at < 0 ? "no longer" : "more than once") + "; plant it elsewhere: " + change.before);
            }
            source = source.substring(0, at) + change.after + source.substring(at + change.before.length());
        }
        return source;
    }

    private Path file() {
        for (final Path root : ROOTS) {
            final Path file = root.resolve(path);
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new AssertionError("defect " + name + ": there is no " + path);
    }

    String className() {
        return path.substring(0, path.length() - ".java".length()).replace('/', '.');
    }

    @Override
    public String toString() {
        return name + ": " + what;
    }
}
