package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;

/**
 * Program for the kernel that passes the messages about TCP connections to ports from {@link #PORT_MIN} on, everything
 * that is not an event, and one in {@link #SAMPLE} of the others, to estimate their number (classic BPF,
 * linux/filter.h). What it keeps back costs this process nothing. Stateless.
 */
public final class ConntrackFilter {
    /** Below are services that Amanda's streams never use. */
    public static final int PORT_MIN = 1024;
    /** One in this many of the unwanted messages passes. */
    public static final int SAMPLE = 256;

    /** Bytes of one instruction, struct sock_filter. */
    public static final int INSTRUCTION_BYTES = 8;

    // BPF_LD | BPF_W | BPF_IMM and so on: class, size and mode, or class, operation and source.
    private static final int LOAD_IMMEDIATE = 0x00;
    private static final int LOAD_WORD = 0x20;
    private static final int LOAD_BYTE = 0x30;
    private static final int LOAD_BYTE_AT_X = 0x50;
    private static final int LOAD_HALF_AT_X = 0x48;
    private static final int LOAD_X_IMMEDIATE = 0x01;
    private static final int LOAD_SAVED = 0x60;
    private static final int SAVE = 0x02;
    private static final int TO_X = 0x07;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_AT_LEAST = 0x35;
    private static final int JUMP_BITS = 0x45;
    private static final int RETURN = 0x06;

    /** SKF_AD_OFF and its contents: the attribute X after A; the same within the attribute at A; a random number. */
    private static final int ANCILLARY = -0x1000;

    private static final int FIND_ATTRIBUTE = ANCILLARY + 12;
    private static final int FIND_NESTED = ANCILLARY + 16;
    private static final int RANDOM = ANCILLARY + 56;

    private static final int SUBSYSTEM_AT = 5;
    private static final int ATTRIBUTES_AT = NfqueueProtocol.NLMSG_HDRLEN + NfqueueProtocol.NFGENMSG_SIZE;
    private static final int IPPROTO_TCP = 6;

    /** The last three: take a sample or not, pass, keep back. */
    private static final int SAMPLE_AT = 23;

    private static final int PASS_AT = 25;
    private static final int KEEP_AT = 26;

    /** An unusual message passes, so that it is counted as malformed. */
    private static final int[][] PROGRAM = {
        {LOAD_BYTE, 0, 0, SUBSYSTEM_AT},
        {JUMP_EQUAL, 0, to(1, PASS_AT), ConntrackProtocol.NFNL_SUBSYS_CTNETLINK},
        {LOAD_IMMEDIATE, 0, 0, ATTRIBUTES_AT},
        {LOAD_X_IMMEDIATE, 0, 0, ConntrackProtocol.CTA_TUPLE_REPLY},
        {LOAD_WORD, 0, 0, FIND_ATTRIBUTE},
        {JUMP_EQUAL, to(5, PASS_AT), 0, 0},
        {LOAD_X_IMMEDIATE, 0, 0, ConntrackProtocol.CTA_TUPLE_PROTO},
        {LOAD_WORD, 0, 0, FIND_NESTED},
        {JUMP_EQUAL, to(8, PASS_AT), 0, 0},
        {SAVE, 0, 0, 0},
        {LOAD_X_IMMEDIATE, 0, 0, ConntrackProtocol.CTA_PROTO_NUM},
        {LOAD_WORD, 0, 0, FIND_NESTED},
        {JUMP_EQUAL, to(12, PASS_AT), 0, 0},
        {TO_X, 0, 0, 0},
        {LOAD_BYTE_AT_X, 0, 0, NfqueueProtocol.NLA_HDRLEN},
        {JUMP_EQUAL, 0, to(15, SAMPLE_AT), IPPROTO_TCP},
        {LOAD_SAVED, 0, 0, 0},
        {LOAD_X_IMMEDIATE, 0, 0, ConntrackProtocol.CTA_PROTO_SRC_PORT},
        {LOAD_WORD, 0, 0, FIND_NESTED},
        {JUMP_EQUAL, to(19, PASS_AT), 0, 0},
        {TO_X, 0, 0, 0},
        {LOAD_HALF_AT_X, 0, 0, NfqueueProtocol.NLA_HDRLEN},
        {JUMP_AT_LEAST, to(22, PASS_AT), 0, PORT_MIN},
        {LOAD_WORD, 0, 0, RANDOM},
        {JUMP_BITS, to(24, KEEP_AT), 0, SAMPLE - 1},
        {RETURN, 0, 0, -1},
        {RETURN, 0, 0, 0},
    };

    private ConntrackFilter() {}

    /** Instructions. */
    public static int length() {
        return PROGRAM.length;
    }

    /** Writes struct sock_filter[{@link #length()}]. */
    public static void write(final ByteBuf out, final int offset) {
        int at = offset;
        for (final int[] instruction : PROGRAM) {
            out.setShortLE(at, instruction[0]);
            out.setByte(at + 2, instruction[1]);
            out.setByte(at + 3, instruction[2]);
            out.setIntLE(at + 4, instruction[3]);
            at += INSTRUCTION_BYTES;
        }
    }

    /** A jump counts from the next instruction. */
    private static int to(final int from, final int target) {
        return target - from - 1;
    }
}
