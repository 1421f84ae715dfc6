package org.amverdict.harness;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Hundreds of clients of one server that do all that a client can do wrong: they send pieces of requests, whole ones in
 * heaps, noise, too much, or nothing; they read nothing, or single bytes; they end one side, or reset the connection. For
 * one thread.
 */
public final class HostileClients implements AutoCloseable {
    private static final int REPEATS_MAX = 64;
    private static final int LARGE = 64 * 1024;

    private final Connector connector;
    private final List<byte[]> pieces;
    private final SplittableRandom random;
    private final int most;
    private final List<SocketChannel> channels = new ArrayList<>();
    private final ByteBuffer in = ByteBuffer.allocate(4096);

    /** Connects to the server. */
    @FunctionalInterface
    public interface Connector {
        SocketChannel connect() throws IOException;
    }

    /**
     * Makes clients that have not connected yet.
     *
     * @param pieces whole requests, and parts that make sense together
     * @param most connections that they hold at one time
     */
    public HostileClients(
            final Connector connector, final List<byte[]> pieces, final SplittableRandom random, final int most) {
        this.connector = connector;
        this.pieces = List.copyOf(pieces);
        this.random = random;
        this.most = most;
    }

    /** One of them does something; none waits for the server. */
    public void act() throws IOException {
        final int kind = random.nextInt(12);
        if (channels.isEmpty() || (kind < 3 && channels.size() < most)) {
            final SocketChannel channel = connector.connect();
            channel.configureBlocking(false);
            channels.add(channel);
            return;
        }
        final int index = random.nextInt(channels.size());
        final SocketChannel channel = channels.get(index);
        try {
            switch (kind) {
                case 3 -> {
                    channels.remove(index);
                    leave(channel);
                }
                case 4 -> channel.shutdownOutput();
                case 5 -> read(channel, 1);
                case 6 -> read(channel, in.capacity());
                case 7 -> channel.write(ByteBuffer.wrap(noise()));
                case 8 -> channel.write(ByteBuffer.wrap(new byte[LARGE]));
                default -> channel.write(ByteBuffer.wrap(piece()));
            }
        } catch (final IOException e) {
            channels.remove(index); // it was cut off, or had ended its side
            channel.close();
        }
    }

    private void read(final SocketChannel channel, final int bytes) throws IOException {
        if (channel.read(in.clear().limit(bytes)) < 0) {
            throw new IOException("cut off");
        }
    }

    /** In an orderly way, or with a reset. */
    private void leave(final SocketChannel channel) throws IOException {
        if (random.nextBoolean() && channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        channel.close();
    }

    /** A whole piece, several, its first bytes, or one with a few bytes changed. */
    private byte[] piece() {
        final byte[] whole = pieces.get(random.nextInt(pieces.size()));
        final int kind = random.nextInt(4);
        final int count = kind == 0 ? 1 + random.nextInt(REPEATS_MAX) : 1;
        final byte[] made = new byte[kind == 1 ? random.nextInt(whole.length + 1) : whole.length * count];
        for (int i = 0; i < made.length; i++) {
            made[i] = whole[i % whole.length];
        }
        for (int changes = kind == 2 ? 1 + random.nextInt(4) : 0; changes > 0; changes--) {
            made[random.nextInt(made.length)] = (byte) random.nextInt(256);
        }
        return made;
    }

    private byte[] noise() {
        final byte[] made = new byte[1 + random.nextInt(600)];
        for (int i = 0; i < made.length; i++) {
            made[i] = (byte) random.nextInt(256);
        }
        return made;
    }

    /** How many are connected, as far as they know. */
    public int count() {
        return channels.size();
    }

    @Override
    public void close() throws IOException {
        for (final SocketChannel channel : channels) {
            channel.close();
        }
        channels.clear();
    }
}
