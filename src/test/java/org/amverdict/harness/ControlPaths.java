package org.amverdict.harness;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.amverdict.lab.Family;
import org.amverdict.lab.NetworkLab;

/** The paths between server and client, each opened on first use: a host has one port 10080 for a family. */
public final class ControlPaths implements AutoCloseable {
    private final NetworkLab lab;
    private final Map<String, ControlPath> open = new HashMap<>();

    public ControlPaths(final NetworkLab lab) {
        this.lab = lab;
    }

    /** The path of requests from the server to the client for a dump, otherwise from the client to the server. */
    public ControlPath get(final boolean dump, final Family family) throws IOException {
        final String name = family + (dump ? " dump" : " recovery");
        ControlPath path = open.get(name);
        if (path == null) {
            path = dump
                    ? new ControlPath(lab.server(), lab.client(), family)
                    : new ControlPath(lab.client(), lab.server(), family);
            open.put(name, path);
        }
        return path;
    }

    @Override
    public void close() {
        open.values().forEach(ControlPath::close);
    }
}
