package org.amverdict.engine;

import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHosts;

/** What the operator has decided. Immutable; a reload gives every engine new settings between two batches. */
public final class EngineSettings {
    private final Policy policy;
    private final boolean enforce;
    private final boolean dropRefusedReplies;
    private final StreamMarks marks;
    private final PublishedHosts published;
    private final boolean matchInterfaces;
    private final boolean adoptFlows;

    private EngineSettings(final Builder builder) {
        policy = builder.policy;
        enforce = builder.enforce;
        dropRefusedReplies = builder.dropRefusedReplies;
        marks = builder.marks;
        published = builder.published;
        matchInterfaces = builder.matchInterfaces;
        adoptFlows = builder.adoptFlows;
    }

    /**
     * Begins settings: verdicts are enforced, refused replies pass, nothing is marked or published, interfaces must
     * match, and no flow is adopted.
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

    /** False is monitor mode: everything is judged and reported, and accepted. */
    public boolean enforce() {
        return enforce;
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
