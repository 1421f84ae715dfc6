package org.amverdict.bench;

import java.io.IOException;
import java.util.Map;

/** How a run of one kind of mix is measured. */
@FunctionalInterface
interface Measurement {
    /**
     * Measures once, from starting the contestant to ending it.
     *
     * @return values by the names of the JSON document
     * @throws IOException if the contestant failed, or a tool
     */
    Map<String, Double> measure(Contestant contestant, Mix mix) throws IOException;
}
