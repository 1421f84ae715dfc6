package org.amverdict.doctor;

import java.util.List;
import org.amverdict.host.Host;

/** One check of the host. Stateless; changes nothing on the host, binds no queue. */
interface Check {
    /** One word in lower-case letters and dashes: its name in the report and in doctor.md. Never changes. */
    String name();

    /**
     * Performs the check.
     *
     * @return at least one finding; the worst of them is the status of the check
     */
    List<Finding> run(Host host, Examination examination);
}
