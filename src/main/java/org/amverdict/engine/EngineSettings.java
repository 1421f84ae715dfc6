package org.amverdict.engine;

import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHosts;

/** What the operator has decided. Immutable; a reload gives every engine new settings between two batches. */
public final class EngineSettings {
    /**
     * The bit of the packet mark that says "left to the site's rules", unless configured. None of Docker, Kubernetes,
     * Tailscale, WireGuard, Podman, OpenWrt and Shorewall uses it as they come.
     */
    public static final long DEFAULT_CONTINUE_MARK = 0x800_0000L;

    private final Policy policy;
    private final boolean enforce;
    private final Verdict otherTraffic;
    private final long continueMark;
    private final boolean dropRefusedReplies;
    private final StreamMarks marks;
    private final PublishedHosts published;
    private final boolean matchInterfaces;
    private final boolean adoptFlows;

    private EngineSettings(final Builder builder) {
        policy = builder.policy;
        enforce = builder.enforce;
        otherTraffic = builder.otherTraffic;
        continueMark = builder.continueMark;
        dropRefusedReplies = builder.dropRefusedReplies;
        marks = builder.marks;
        published = builder.published;
        matchInterfaces = builder.matchInterfaces;
        adoptFlows = builder.adoptFlows;
    }

    /**
     * Begins settings: verdicts are enforced, other traffic is dropped, refused replies pass, no stream is marked,
     * nothing is published, interfaces must match, and no flow is adopted.
     */
    public static Builder builder(final Policy policy) {
        return new Builder(policy);
    }

    /** The policy, and all else with the defaults of {@link #builder}. */
    public static EngineSettings of(final Policy policy) {
        return builder(policy).conclude();
    }

    /** Which hosts may ask which hosts for what. */
    public Policy policy() {
        return policy;
    }

    /** False is monitor mode: everything is judged and reported, and left to the site's rules. */
    public boolean enforce() {
        return enforce;
    }

    /** The decision about traffic that is not Amanda's ({@link Reason#isOther}): CONTINUE or DROP. */
    public Verdict otherTraffic() {
        return otherTraffic;
    }

    /** The bits of the mark that go with {@link Verdict#CONTINUE}; at least one. */
    public long continueMark() {
        return continueMark;
    }

    /** Whether a REP that opens nothing is dropped. */
    public boolean dropRefusedReplies() {
        return dropRefusedReplies;
    }

    /** Marks of the streams. */
    public StreamMarks marks() {
        return marks;
    }

    /** Responders behind destination NAT. */
    public PublishedHosts published() {
        return published;
    }

    /** Whether an exchange and its streams must keep to the interfaces they began on. */
    public boolean matchInterfaces() {
        return matchInterfaces;
    }

    /** Whether TCP of an unknown connection that could be a stream is taken for one. */
    public boolean adoptFlows() {
        return adoptFlows;
    }

    /** Settings that are not complete yet. For one thread. */
    public static final class Builder {
        private final Policy policy;
        private boolean enforce = true;
        private Verdict otherTraffic = Verdict.DROP;
        private long continueMark = DEFAULT_CONTINUE_MARK;
        private boolean dropRefusedReplies;
        private StreamMarks marks = StreamMarks.NONE;
        private PublishedHosts published = PublishedHosts.NONE;
        private boolean matchInterfaces = true;
        private boolean adoptFlows;

        private Builder(final Policy policy) {
            this.policy = policy;
        }

        /** See {@link EngineSettings#enforce()}. */
        public Builder enforce(final boolean is) {
            enforce = is;
            return this;
        }

        /** See {@link EngineSettings#otherTraffic()}. */
        public Builder otherTraffic(final Verdict is) {
            otherTraffic = is;
            return this;
        }

        /** See {@link EngineSettings#continueMark()}. */
        public Builder continueMark(final long bits) {
            continueMark = bits;
            return this;
        }

        /** See {@link EngineSettings#dropRefusedReplies()}. */
        public Builder dropRefusedReplies(final boolean is) {
            dropRefusedReplies = is;
            return this;
        }

        /** See {@link EngineSettings#marks()}. */
        public Builder marks(final StreamMarks ofStreams) {
            marks = ofStreams;
            return this;
        }

        /** See {@link EngineSettings#published()}. */
        public Builder published(final PublishedHosts hosts) {
            published = hosts;
            return this;
        }

        /** See {@link EngineSettings#matchInterfaces()}. */
        public Builder matchInterfaces(final boolean is) {
            matchInterfaces = is;
            return this;
        }

        /** See {@link EngineSettings#adoptFlows()}. */
        public Builder adoptFlows(final boolean is) {
            adoptFlows = is;
            return this;
        }

        /** The settings as they are now. */
        public EngineSettings conclude() {
            return new EngineSettings(this);
        }
    }
}
