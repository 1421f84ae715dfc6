package org.amverdict.simulation;

import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.amanda.Service;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;

/**
 * What a policy is made of here.
 *
 * @param dumps sendbackup
 * @param estimates sendsize
 * @param checks selfcheck and noop
 * @param narrow announced ports are {@link #NARROW} only, else any above 1023
 * @param statics {@link #STATIC} is open both ways
 * @param client the client is one of the allowed hosts
 * @param enforced false in monitor mode
 */
record Terms(
        boolean dumps,
        boolean estimates,
        boolean checks,
        boolean narrow,
        boolean statics,
        boolean client,
        boolean enforced) {
    static final PortSet NARROW = PortSet.range(50_000, 50_199);
    static final PortSet STATIC = PortSet.range(11_000, 11_019);
    private static final HostSet SERVERS = HostSet.of("192.0.2.0/24", "2001:db8:1::/64");
    private static final HostSet CLIENTS = HostSet.of("198.51.100.0/24", "2001:db8:2::/64");
    private static final HostSet OTHER_CLIENTS = HostSet.of("198.51.100.128/25", "2001:db8:2::8000/113");
    private static final int FIELDS = 7;

    static Terms all(final boolean narrow, final boolean statics) {
        return new Terms(true, true, true, narrow, statics, true, true);
    }

    /** These with one or two of them changed. */
    Terms changed(final SplittableRandom random) {
        Terms changed = this;
        for (int i = random.nextInt(2); i >= 0; i--) {
            final int field = random.nextInt(FIELDS);
            changed = new Terms(
                    changed.dumps != (field == 0),
                    changed.estimates != (field == 1),
                    changed.checks != (field == 2),
                    changed.narrow != (field == 3),
                    changed.statics != (field == 4),
                    changed.client != (field == 5),
                    changed.enforced != (field == 6));
        }
        return changed;
    }

    Policy policy() {
        final int services = (dumps ? Service.SENDBACKUP.bit() : 0)
                | (estimates ? Service.SENDSIZE.bit() : 0)
                | (checks ? Service.SELFCHECK.bit() | Service.NOOP.bit() : 0);
        final HostSet clients = client ? CLIENTS : OTHER_CLIENTS;
        final PortSet ports = narrow ? NARROW : Policy.DEFAULT_STREAM_PORTS;
        return Policy.of(
                List.of(
                        new Allowance("dumps", SERVERS, clients, services, ports, false),
                        new Allowance(
                                "recovery",
                                clients,
                                SERVERS,
                                Service.AMINDEXD.bit() | Service.AMIDXTAPED.bit(),
                                ports,
                                false)),
                statics
                        ? List.of(new StaticRange(SERVERS, clients, STATIC), new StaticRange(clients, SERVERS, STATIC))
                        : List.of(),
                Policy.DEFAULT_CONTROL_PORTS,
                Policy.DEFAULT_REQUESTER_PORTS);
    }
}
