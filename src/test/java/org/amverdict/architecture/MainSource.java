package org.amverdict.architecture;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * One source file of main code (of the program and its native bindings), parsed. For rules about what only the source
 * shows: names of parameters, labels of switches, lengths.
 *
 * @param lines comments and blank lines included
 */
record MainSource(Path path, CompilationUnitTree tree, SourcePositions positions, int lines) {
    static final Path MODULE = Path.of(System.getProperty("basedir", "."));
    static final Path CHECKOUT = MODULE.resolve("..").toAbsolutePath().normalize();
    private static final List<Path> ROOTS =
            List.of(MODULE.resolve("main/java"), CHECKOUT.resolve("native-bindings/src/main/java"));

    /** All of them, parsed once per JVM. */
    private static final List<MainSource> ALL = parse();

    static List<MainSource> all() {
        return ALL;
    }

    /** Its class without the package, which names it in lists of exceptions: so a move changes none. */
    String className() {
        final String file = path.getFileName().toString();
        return file.substring(0, file.length() - ".java".length());
    }

    /** Empty for module-info.java. */
    String packageName() {
        return tree.getPackageName() == null ? "" : tree.getPackageName().toString();
    }

    /** Where a part of it begins, in characters. */
    long start(final Tree part) {
        return positions.getStartPosition(tree, part);
    }

    private static List<MainSource> parse() {
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            final JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of(), null, files.getJavaFileObjectsFromPaths(javaFiles()));
            final SourcePositions positions = Trees.instance(task).getSourcePositions();
            final List<MainSource> sources = new ArrayList<>();
            for (final CompilationUnitTree tree : task.parse()) {
                final Path path = Path.of(tree.getSourceFile().toUri());
                sources.add(new MainSource(
                        path, tree, positions, Files.readAllLines(path).size()));
            }
            return List.copyOf(sources);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> javaFiles() throws IOException {
        final List<Path> found = new ArrayList<>();
        for (final Path root : ROOTS) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(found::add);
            }
        }
        return found;
    }
}
