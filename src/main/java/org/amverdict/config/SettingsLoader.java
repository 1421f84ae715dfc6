package org.amverdict.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.config.ConfigurationProblem.Severity;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads amverdict.yaml: YAML 1.2, UTF-8, at most 1 MiB. Every error is found in one go. Stateless. */
public final class SettingsLoader {
    /** Where the file is unless the command line says otherwise. */
    public static final Path DEFAULT_PATH = Path.of("/etc/amverdict/amverdict.yaml");

    private SettingsLoader() {}

    /** The settings of a file. */
    public static Settings load(final Path file) throws ConfigurationException {
        return read(file).settings();
    }

    /** The settings of a text; the name stands for the file in errors. */
    public static Settings load(final String text, final String name) throws ConfigurationException {
        return read(text.getBytes(StandardCharsets.UTF_8), name).settings();
    }

    /** The settings of a file with its warnings. */
    public static SettingsFile read(final Path file) throws ConfigurationException {
        final byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(YamlText.BYTES_MAX + 1);
        } catch (final NoSuchFileException e) {
            throw unreadable(file, "no such file; write one (see amverdict.yaml(5)) or name another with -c FILE");
        } catch (final AccessDeniedException e) {
            throw unreadable(file, "not readable by this user");
        } catch (final IOException e) {
            throw unreadable(file, "cannot be read: " + e.getMessage());
        }
        return read(bytes, file.toString());
    }

    static SettingsFile read(final byte[] bytes, final String name) throws ConfigurationException {
        if (bytes.length > YamlText.BYTES_MAX) {
            throw unreadable(Path.of(name), "larger than " + YamlText.BYTES_MAX + " bytes; write prefixes for hosts");
        }
        final String text = YamlText.decode(bytes, name);
        final Problems problems = new Problems(name, text);
        final Node root = YamlText.compose(text, name, problems);
        problems.throwIfAny();
        final Settings settings = SettingsBinder.bind(root, problems);
        problems.throwIfAny();
        return new SettingsFile(settings, problems.warnings(settings.warnings()));
    }

    private static ConfigurationException unreadable(final Path file, final String message) {
        return new ConfigurationException(
                List.of(new ConfigurationProblem(Severity.ERROR, file.toString(), 0, 0, "", message)));
    }
}
