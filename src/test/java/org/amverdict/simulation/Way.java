package org.amverdict.simulation;

/** Source and destination: addresses and ports. */
record Way(String source, int sourcePort, String target, int port) {
    Way back() {
        return new Way(/* source= */ target, /* sourcePort= */ port, /* target= */ source, /* port= */ sourcePort);
    }

    @Override
    public String toString() {
        return source + ":" + sourcePort + " > " + target + ":" + port;
    }
}
