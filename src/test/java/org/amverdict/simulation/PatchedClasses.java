package org.amverdict.simulation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Loads the program and its tests once more, with one source compiled from another text. */
final class PatchedClasses extends ClassLoader {
    private static final String OURS = "org.amverdict.";

    private final Map<String, byte[]> patched;

    private PatchedClasses(final ClassLoader parent, final Map<String, byte[]> patched) {
        super(parent);
        this.patched = patched;
    }

    /** The classes, with that one of this source. */
    static PatchedClasses with(final String className, final String source) throws IOException {
        return new PatchedClasses(PatchedClasses.class.getClassLoader(), compiled(className, source));
    }

    private static Map<String, byte[]> compiled(final String className, final String source) throws IOException {
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        final StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null);
        final String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        final Map<String, ByteArrayOutputStream> written = new HashMap<>();
        try (JavaFileManager files = new ForwardingJavaFileManager<JavaFileManager>(standard) {
            @Override
            public JavaFileObject getJavaFileForOutput(
                    final Location location,
                    final String name,
                    final JavaFileObject.Kind kind,
                    final FileObject sibling) {
                return new SimpleJavaFileObject(URI.create("memory:///" + name.replace('.', '/')), kind) {
                    @Override
                    public OutputStream openOutputStream() {
                        return written.computeIfAbsent(name, any -> new ByteArrayOutputStream());
                    }
                };
            }
        }) {
            final SimpleJavaFileObject file =
                    new SimpleJavaFileObject(
                            URI.create("memory:///" + className.replace('.', '/') + ".java"),
                            JavaFileObject.Kind.SOURCE) {
                        @Override
                        public CharSequence getCharContent(final boolean ignoreErrors) {
                            return source;
                        }
                    };
            final List<String> options = List.of("-proc:none", "-nowarn", "-classpath", classPath);
            if (!compiler.getTask(null, files, null, options, null, List.of(file))
                    .call()) {
                throw new AssertionError(className + " does not compile with its defect");
            }
        }
        final Map<String, byte[]> classes = new HashMap<>();
        written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
        return classes;
    }

    @Override
    protected Class<?> loadClass(final String name, final boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            final Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(final String name) throws ClassNotFoundException {
        final byte[] own = patched.get(name);
        if (own != null) {
            return defineClass(name, own, 0, own.length);
        }
        try (InputStream stream = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (stream == null) {
                throw new ClassNotFoundException(name);
            }
            final byte[] bytes = stream.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (final IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
