package org.amverdict.engine;

import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.track.TransactionTable;
import org.jspecify.annotations.Nullable;

/**
 * One decision and what led to it. One instance per engine, overwritten for every packet; not thread-safe. Written by
 * the engine only.
 */
public final class Decision {
    /** Most streams that one reply can announce. */
    public static final int STREAMS_MAX = 5;

    int id;
    Verdict decided = Verdict.DROP;
    Verdict kernelVerdict = Verdict.DROP;
    Reason reason = Reason.NOT_AMANDA;
    long mark = VerdictBatch.NO_MARK;
    int decodeStatus;

    @Nullable MessageType messageType;

    @Nullable Service service;

    Refusal refusal = Refusal.NONE;

    @Nullable StreamName stream;

    int streamCount;
    final StreamName[] streamNames = new StreamName[STREAMS_MAX];
    final int[] streamPorts = new int[STREAMS_MAX];
    int nearestPort;
    Cause cause = Cause.NONE;
    long causeNumber;
    long otherHigh;
    long otherLow;
    int refusedCount;

    @Nullable EngineSettings settings;

    long transaction;
    boolean opens;
    long openedNanos;
    long waitedNanos;
    int handleOffset;
    int handleLength;
    int sequenceOffset;
    int sequenceLength;
    int bodyOffset;
    int bodyLength;

    void clear(final int packetId) {
        id = packetId;
        mark = VerdictBatch.NO_MARK;
        decodeStatus = 0;
        messageType = null;
        service = null;
        refusal = Refusal.NONE;
        stream = null;
        streamCount = 0;
        nearestPort = 0;
        cause = Cause.NONE;
        refusedCount = 0;
        transaction = 0;
        opens = false;
    }

    void accept(final Reason why) {
        decided = Verdict.ACCEPT;
        reason = why;
    }

    void drop(final Reason why) {
        decided = Verdict.DROP;
        reason = why;
    }

    /** The packet is not Amanda's, as its reason says. */
    void leave(final Verdict otherTraffic) {
        decided = otherTraffic;
    }

    void malformed(final int status) {
        decodeStatus = status;
        drop(Reason.MALFORMED);
    }

    /** Its type, and where its words are. */
    void describe(final ControlHeader header) {
        messageType = header.type();
        handleOffset = header.handleOffset();
        handleLength = header.handleLength();
        sequenceOffset = header.sequenceOffset();
        sequenceLength = header.sequenceLength();
        bodyOffset = header.bodyOffset();
        bodyLength = header.bodyLength();
    }

    void addStream(final StreamName name, final int port) {
        streamNames[streamCount] = name;
        streamPorts[streamCount] = port;
        streamCount++;
    }

    /** The datagram belongs to the transaction in that slot. Under the control lock. */
    void belongsTo(final TransactionTable transactions, final int slot) {
        transaction = transactions.number(slot);
        openedNanos = transactions.openedNanos(slot);
    }

    /** A REP that opens nothing announced these, as far as they could be read. */
    void refuse(final StreamName[] names, final int[] ports, final int count) {
        for (int i = 0; i < count; i++) {
            streamNames[i] = names[i];
            streamPorts[i] = ports[i];
        }
        refusedCount = count;
    }

    /** An announcement of one port that opens nothing. */
    void refuse(final StreamName name, final int port) {
        streamNames[0] = name;
        streamPorts[0] = port;
        refusedCount = 1;
    }

    void because(final Cause of, final long number) {
        cause = of;
        causeNumber = number;
        otherHigh = 0;
        otherLow = 0;
    }

    void because(final Cause of, final long addressHigh, final long addressLow) {
        because(of, 0);
        otherHigh = addressHigh;
        otherLow = addressLow;
    }

    /** Packet id. */
    public int id() {
        return id;
    }

    /** What was decided; in monitor mode the kernel gets CONTINUE whatever this says. */
    public Verdict decided() {
        return decided;
    }

    /** The verdict that the kernel got. */
    public Verdict verdict() {
        return kernelVerdict;
    }

    public Reason reason() {
        return reason;
    }

    /** New mark, or {@link VerdictBatch#NO_MARK}. */
    public long mark() {
        return mark;
    }

    /** For {@link Reason#MALFORMED}: one of {@link org.amverdict.packet.DecodeStatus}. */
    public int decodeStatus() {
        return decodeStatus;
    }

    /** Type of a control datagram with a valid header, else null. */
    public @Nullable MessageType messageType() {
        return messageType;
    }

    /** Service of the request that this datagram or stream belongs to, else null. */
    public @Nullable Service service() {
        return service;
    }

    /** For {@link Reason#REFUSED_REPLY}: which check failed. */
    public Refusal refusal() {
        return refusal;
    }

    /** The stream that this TCP packet belongs to, else null. */
    public @Nullable StreamName stream() {
        return stream;
    }

    /** How many streams a REP announced and opened. */
    public int streamCount() {
        return streamCount;
    }

    /**
     * How many streams a REP announced without opening any; {@link #streamName} and the next accessors describe them.
     */
    public int refusedCount() {
        return refusedCount;
    }

    public StreamName streamName(final int i) {
        return streamNames[i];
    }

    public int streamPort(final int i) {
        return streamPorts[i];
    }

    /**
     * Number of the transaction that this datagram belongs to, or that announced this stream; 0 if none, negative in
     * legacy recovery.
     */
    public long transaction() {
        return transaction;
    }

    /** Whether this packet made a new transaction or a new flow. */
    public boolean opens() {
        return opens;
    }

    /** For a datagram with a {@link #transaction()}: when its REQ was first judged, in the engine's time. */
    public long openedNanos() {
        return openedNanos;
    }

    /** For {@link Reason#EXPECTED}: how long the connection had been expected. */
    public long waitedNanos() {
        return waitedNanos;
    }

    /** Where the packet's buffer has the HANDLE; this and what follows only with a {@link #messageType()}. */
    public int handleOffset() {
        return handleOffset;
    }

    /** Bytes of the HANDLE, at most {@link ControlHeader#HANDLE_MAX}. */
    public int handleLength() {
        return handleLength;
    }

    public int sequenceOffset() {
        return sequenceOffset;
    }

    /** Bytes of the SEQ, at most {@link ControlHeader#SEQUENCE_MAX}. */
    public int sequenceLength() {
        return sequenceLength;
    }

    public int bodyOffset() {
        return bodyOffset;
    }

    public int bodyLength() {
        return bodyLength;
    }

    /** What really blocked the packet, as far as the engine knows. */
    public Cause cause() {
        return cause;
    }

    /**
     * Detail of the {@link #cause()}: for OTHER_INTERFACE the kernel's index of the expected interface in the upper
     * half and of the actual one in the lower; for EXPIRED for how many nanoseconds; for PORT_OUTSIDE the port.
     */
    public long causeNumber() {
        return causeNumber;
    }

    /** For OTHER_ADDRESS the address that the request went to, for OTHER_REQUESTER the expected one; upper half. */
    public long otherHigh() {
        return otherHigh;
    }

    public long otherLow() {
        return otherLow;
    }

    /** The settings that the packet was judged by; null if no engine judged it. */
    public @Nullable EngineSettings settings() {
        return settings;
    }

    /** For {@link Reason#UNEXPECTED}: the nearest port that this pair of hosts expects, 0 if none. */
    public int nearestPort() {
        return nearestPort;
    }
}
