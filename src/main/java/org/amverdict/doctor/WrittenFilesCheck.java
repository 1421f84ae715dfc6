package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.host.Host.Storage;
import org.amverdict.nfqueue.Capabilities;
import org.jspecify.annotations.Nullable;

/** The daemon can write its event log and its saved state: the folder exists, has room, and the unit lets it. */
final class WrittenFilesCheck implements SettingsCheck {
    /** An event has some hundred bytes; a night of a thousand dumps some megabytes. */
    private static final long FREE_BYTES_MIN = 16L << 20;

    /** What the unit's own directories are, with ProtectSystem=strict. */
    private static final List<String> OF_UNIT =
            List.of("/var/log/amverdict/", "/var/lib/amverdict/", "/run/amverdict/");

    private static final String DROP_INS = "/etc/systemd/system/amverdict.service.d";

    @Override
    public String name() {
        return "written-files";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Map<String, Path> files = new LinkedHashMap<>();
        put(files, "events.file", settings.events().file());
        put(files, "state.file", settings.state().file());
        final boolean privileged =
                Capabilities.hasNetAdmin(host.read("/proc/self/status").orEmpty());
        final List<Finding> findings = new ArrayList<>();
        files.forEach((key, file) -> {
            final Finding finding = look(host, key, file, privileged);
            if (finding != null) {
                findings.add(finding);
            }
        });
        if (findings.isEmpty()) {
            findings.add(
                    Finding.ok(files.isEmpty() ? "no file is configured" : "the daemon can write " + files.values()));
        }
        return findings;
    }

    private static void put(final Map<String, Path> files, final String key, final @Nullable Path file) {
        if (file != null) {
            files.put(key, file);
        }
    }

    private static @Nullable Finding look(
            final Host host, final String key, final Path file, final boolean privileged) {
        final Storage storage = host.storage(file.toString());
        final Path folder = file.toAbsolutePath().getParent();
        final String what = key + ": " + file + " cannot be written: ";
        if (!storage.folder()) {
            return isOfUnit(file)
                    ? null // the unit makes its folders
                    : Finding.warning(what + "there is no folder " + folder, "install -d -m 0750 " + folder);
        }
        if (storage.taken()) {
            return Finding.warning(what + "it is not a file", "ls -ld " + file);
        }
        if (!storage.writable()) {
            return privileged
                    ? Finding.warning(what + "the file system or the file is read-only", "findmnt -T " + folder)
                    : Finding.unknown("whether " + file + " can be written cannot be seen", Remedies.AS_ROOT);
        }
        if (storage.freeBytes() < FREE_BYTES_MIN) {
            return Finding.warning(
                    key + ": " + folder + " has only " + (storage.freeBytes() >> 10) + " KiB left", "df -h " + folder);
        }
        if (!isOfUnit(file) && isForbiddenByUnit(host, file)) {
            return Finding.warning(
                    what + "the systemd unit lets the daemon write only below its own folders",
                    "systemctl edit amverdict   # [Service] ReadWritePaths=" + folder);
        }
        return null;
    }

    private static boolean isOfUnit(final Path file) {
        return OF_UNIT.stream().anyMatch(folder -> file.toString().startsWith(folder));
    }

    /** The unit, or a drop-in, says ProtectSystem=strict and no ReadWritePaths covers it. */
    private static boolean isForbiddenByUnit(final Host host, final Path file) {
        final StringBuilder unit = new StringBuilder();
        for (final String path : CapabilityCheck.UNITS) {
            if (unit.isEmpty()) {
                unit.append(host.read(path).orEmpty());
            }
        }
        for (final String name : host.list(DROP_INS)) {
            unit.append('\n').append(host.read(DROP_INS + "/" + name).orEmpty());
        }
        final List<String> lines = unit.toString().lines().map(String::strip).toList();
        final boolean allowed = lines.stream()
                .filter(line -> line.startsWith("ReadWritePaths="))
                .flatMap(line -> List.of(line.substring(line.indexOf('=') + 1).split("\\s+", -1)).stream())
                .map(path -> path.replaceFirst("^[-+]+", ""))
                .anyMatch(path -> path.startsWith("/") && file.startsWith(path));
        return !allowed && lines.contains("ProtectSystem=strict");
    }
}
