package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.host.Host;
import org.amverdict.text.Printable;

/** The running Java, which the launcher starts as it starts the daemon's: version, machine, flags, and its temporary files. */
final class JavaCheck implements Check {
    private static final int FLOOR = 17;
    private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS");
    private static final List<String> SLOW = List.of("-Xint", "-Xcomp", "-XX:TieredStopAtLevel=1", "-Xdebug");

    @Override
    public String name() {
        return "java";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination) {
        final List<Finding> findings = new ArrayList<>();
        final String version = host.property("java.version");
        final String machine = host.property("os.arch");
        final int feature = number(version.split("[.+-]", -1)[0]);
        if (feature < FLOOR) {
            findings.add(Finding.fault(
                    "Java " + version + ", " + FLOOR + " or newer is needed",
                    "apt-get install openjdk-17-jre-headless"));
        }
        if (!machine.equals("amd64") && !machine.equals("aarch64")) {
            findings.add(Finding.fault(
                    "the machine is " + machine + "; only amd64 and aarch64 are known",
                    "file -L \"$(command -v java)\""));
        }
        for (final String variable : VARIABLES) {
            final String value = host.variable(variable);
            if (!value.isEmpty()) {
                findings.add(Finding.warning(
                        variable + "=" + Printable.of(value, 100)
                                + " changes the launcher's flags here; a daemon started by systemd has not got it",
                        "unset " + variable));
            }
        }
        final List<String> arguments =
                List.of(host.read("/proc/self/cmdline").orEmpty().split("\0", -1));
        for (final String flag : SLOW) {
            if (arguments.contains(flag)) {
                findings.add(Finding.warning(
                        "Java runs with " + flag + ", which makes every verdict late", "unset AMVERDICT_JAVA_OPTIONS"));
            }
        }
        final String temporary = host.property("java.io.tmpdir");
        if (isNoexec(host, temporary)) {
            findings.add(Finding.fault(
                    "jffi unpacks its library into " + temporary + ", which is mounted noexec",
                    "export AMVERDICT_JAVA_OPTIONS=-Djava.io.tmpdir=/run/amverdict"));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("Java " + version + ", " + host.property("java.vm.name") + ", " + machine));
        }
        return findings;
    }

    private static int number(final String text) {
        return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    }

    /** The mount with the longest path that contains the directory, /proc/mounts: device, path, type, options. */
    private static boolean isNoexec(final Host host, final String directory) {
        String longest = "";
        boolean noexec = false;
        for (final String line : host.read("/proc/mounts").orEmpty().lines().toList()) {
            final String[] fields = line.split(" ", -1);
            if (fields.length < 4) {
                continue;
            }
            final String at = fields[1].equals("/") ? "/" : fields[1] + "/";
            if ((directory + "/").startsWith(at) && at.length() >= longest.length()) {
                longest = at;
                noexec = List.of(fields[3].split(",", -1)).contains("noexec");
            }
        }
        return noexec;
    }
}
