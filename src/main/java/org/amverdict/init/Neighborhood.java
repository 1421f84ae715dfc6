package org.amverdict.init;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/** What the network says about hosts. The real one is {@link LocalNeighborhood}; tests have one of their own. */
interface Neighborhood {
    /** The addresses of each name, in its order; none for a name that is not found. Blocks. */
    Map<String, List<IpAddress>> lookUp(Set<String> names) throws InterruptedException;

    /** The address under which this host would send to that one; null if there is no route. No packet is sent. */
    @Nullable IpAddress sourceTowards(IpAddress address);

    /** The name of this host. */
    String ownName();
}
