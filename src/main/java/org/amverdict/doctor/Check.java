package org.amverdict.doctor;

import java.util.List;
import org.amverdict.host.Host;

/** One check of the host. Stateless; changes nothing on the host, binds no queue. */
interface Check {
    /** One word in small letters and dashes: what the report and doctor.md call it. Never changes. */
    String name();

    /**
     * Looks.
     *
     * @return at least one finding; the worst of them is the status of the check
     */
    List<Finding> run(Host host, Examination examination);
}
