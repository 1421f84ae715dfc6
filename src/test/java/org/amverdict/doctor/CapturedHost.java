package org.amverdict.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.amverdict.host.Host;
import org.jspecify.annotations.Nullable;

/**
 * A host of texts that were captured on a real one, src/test/resources/doctor/NAME: files under their path, outputs of tools
 * under tools/. A test changes single ones.
 */
public final class CapturedHost implements Host {
    static final Path RESOURCES = Path.of("test/resources/doctor");

    private final Path root;
    private final Map<String, Text> files = new HashMap<>();
    private final Map<String, Text> tools = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>(Map.of(
            "java.version",
            "17.0.15",
            "java.vm.name",
            "OpenJDK 64-Bit Server VM",
            "os.arch",
            "amd64",
            "java.io.tmpdir",
            "/tmp"));
    private final Map<String, String> variables = new HashMap<>();
    private Storage storage = new Storage(true, false, true, 1L << 30);
    private Text library = new Text(Access.OK, "");
    private OptionalInt buffer = OptionalInt.of(Integer.MAX_VALUE);
    private boolean synchronised = true;

    public CapturedHost(final String name) {
        root = RESOURCES.resolve(name);
    }

    CapturedHost file(final String path, final String text) {
        files.put(path, new Text(Access.OK, text));
        return this;
    }

    CapturedHost denied(final String path) {
        files.put(path, new Text(Access.DENIED, path + ": not readable by this user"));
        return this;
    }

    CapturedHost missing(final String path) {
        files.put(path, new Text(Access.MISSING, path + ": no such file"));
        return this;
    }

    public CapturedHost tool(final String command, final Access access, final String text) {
        tools.put(command, new Text(access, text));
        return this;
    }

    CapturedHost symlink(final String path, final String target) {
        links.put(path, target);
        return this;
    }

    CapturedHost storage(final Storage where) {
        storage = where;
        return this;
    }

    CapturedHost noSymlink(final String path) {
        links.remove(path);
        return this;
    }

    CapturedHost property(final String name, final String value) {
        properties.put(name, value);
        return this;
    }

    CapturedHost variable(final String name, final String value) {
        variables.put(name, value);
        return this;
    }

    CapturedHost library(final Text loaded) {
        library = loaded;
        return this;
    }

    CapturedHost buffer(final OptionalInt granted) {
        buffer = granted;
        return this;
    }

    CapturedHost unsynchronised() {
        synchronised = false;
        return this;
    }

    @Override
    public Text read(final String path) {
        final Text set = files.get(path);
        if (set != null) {
            return set;
        }
        try {
            return new Text(Access.OK, Files.readString(Path.of(root + path)));
        } catch (final IOException e) {
            return new Text(Access.MISSING, path + ": no such file");
        }
    }

    @Override
    public Storage storage(final String path) {
        return storage;
    }

    @Override
    public Text tail(final String path) {
        return read(path);
    }

    /** The first names behind it, of everything that a test has set. */
    @Override
    public List<String> list(final String path) {
        final List<String> names = new ArrayList<>();
        for (final Map<String, ?> each : List.of(files, links)) {
            for (final String set : each.keySet()) {
                if (set.startsWith(path + "/")) {
                    names.add(set.substring(path.length() + 1).split("/", -1)[0]);
                }
            }
        }
        return names.stream().distinct().sorted().toList();
    }

    @Override
    public @Nullable String link(final String path) {
        return links.get(path);
    }

    @Override
    public Text run(final String debianPackage, final String... command) {
        final String words = String.join(" ", command);
        final Text set = tools.get(words);
        if (set != null) {
            return set;
        }
        try {
            return new Text(Access.OK, Files.readString(root.resolve("tools").resolve(words.replace(' ', '_'))));
        } catch (final IOException e) {
            return new Text(Access.MISSING, command[0] + " is not installed");
        }
    }

    @Override
    public String variable(final String name) {
        return variables.getOrDefault(name, "");
    }

    @Override
    public String property(final String name) {
        return properties.getOrDefault(name, "");
    }

    @Override
    public Text queueLibrary() {
        return library;
    }

    @Override
    public OptionalInt receiveBuffer(final int wantedBytes) {
        return buffer;
    }

    @Override
    public boolean clockSynchronised() {
        return synchronised;
    }
}
