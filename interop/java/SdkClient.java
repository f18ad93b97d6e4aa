import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.*;

/**
 * Uses a stream with the AWS SDK for Java, which speaks CBOR by HTTP/2: SdkClient ENDPOINT STREAM CERTIFICATE. README.md has the
 * steps and the form of the lines.
 */
public final class SdkClient {
    private static final String HIGHEST = BigInteger.TWO.pow(128).subtract(BigInteger.ONE).toString();

    private final KinesisAsyncClient kinesis;
    private final String stream;

    private SdkClient(KinesisAsyncClient kinesis, String stream) {
        this.kinesis = kinesis;
        this.stream = stream;
    }

    public static void main(String[] args) throws Exception {
        try (KinesisAsyncClient kinesis = KinesisAsyncClient.builder()
                .endpointOverride(java.net.URI.create(args[0]))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDINTEROP", "made-up")))
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().tlsTrustManagersProvider(trusting(args[2])::getTrustManagers))
                .build()) {
            new SdkClient(kinesis, args[1]).run();
        }
    }

    private static TrustManagerFactory trusting(String certificate) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (InputStream pem = Files.newInputStream(Path.of(certificate))) {
            int number = 0; // none, for a server without TLS
            for (var one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("kinesistest-" + number++, one);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private void run() {
        kinesis.createStream(r -> r.streamName(stream).shardCount(2)).join();
        kinesis.waiter().waitUntilStreamExists(r -> r.streamName(stream)).join();
        StreamDescriptionSummary is = kinesis.describeStreamSummary(r -> r.streamName(stream)).join().streamDescriptionSummary();
        say("created", is.streamStatusAsString(), is.openShardCount(), recent(is.streamCreationTimestamp()));

        byte[] every = new byte[256];
        for (int i = 0; i < every.length; i++) {
            every[i] = (byte) i;
        }
        PutRecordsResponse out = kinesis.putRecords(r -> r.streamARN(is.streamARN()).records(
                entry("Zürich", null, every), entry("k", "0", new byte[0]), entry("k", HIGHEST, "x".getBytes()),
                entry("refused", "0", "y".getBytes()))).join();
        say("put", out.failedRecordCount(), out.records().stream()
                .map(r -> r.errorCode() != null ? r.errorCode() : number(r.shardId())).collect(Collectors.joining(" ")));
        PutRecordResponse one = kinesis.putRecord(r -> r.streamName(stream).partitionKey("k").explicitHashKey(HIGHEST)
                .data(SdkBytes.fromUtf8String("one"))).join();
        say("put-one", number(one.shardId()), one.sequenceNumber().length());
        say("missing", code(() -> kinesis.putRecord(r -> r.streamName(stream + "-missing").partitionKey("k")
                .data(SdkBytes.fromByteArray(new byte[0]))).join()));
        say("bad-hash", code(() -> kinesis.putRecord(r -> r.streamName(stream).partitionKey("k").explicitHashKey("-1")
                .data(SdkBytes.fromByteArray(new byte[0]))).join()));

        List<Shard> shards = list();
        for (Shard shard : shards) {
            say("shard", number(shard.shardId()), shard.hashKeyRange().startingHashKey(), shard.hashKeyRange().endingHashKey());
        }
        for (Shard shard : shards) {
            List<software.amazon.awssdk.services.kinesis.model.Record> records = new ArrayList<>();
            read(shard.shardId(), ShardIteratorType.AT_TIMESTAMP, is.streamCreationTimestamp(), records);
            for (var r : records) {
                say("read", number(shard.shardId()), base64(r.partitionKey().getBytes(StandardCharsets.UTF_8)),
                        base64(r.data().asByteArray()), recent(r.approximateArrivalTimestamp()));
            }
        }
        reshard();

        kinesis.deleteStream(r -> r.streamName(stream)).join();
        say("deleted", code(() -> kinesis.describeStreamSummary(r -> r.streamName(stream)).join()));
    }

    private void reshard() {
        kinesis.splitShard(r -> r.streamName(stream).shardToSplit(shard(0)).newStartingHashKey(BigInteger.TWO.pow(126).toString())).join();
        kinesis.mergeShards(r -> r.streamName(stream).shardToMerge(shard(3)).adjacentShardToMerge(shard(1))).join();
        UpdateShardCountResponse count = kinesis.updateShardCount(r -> r.streamName(stream).targetShardCount(4)
                .scalingType(ScalingType.UNIFORM_SCALING)).join();
        say("count", count.currentShardCount(), count.targetShardCount());
        say("open", kinesis.listShards(r -> r.streamName(stream).shardFilter(f -> f.type(ShardFilterType.AT_LATEST))).join()
                .shards().stream().map(s -> number(s.shardId())).collect(Collectors.joining(" ")));
        List<software.amazon.awssdk.services.kinesis.model.Record> records = new ArrayList<>();
        List<ChildShard> children = read(shard(0), ShardIteratorType.TRIM_HORIZON, null, records);
        say("end", records.size(), children.stream().map(c -> number(c.shardId())).collect(Collectors.joining(" ")));
        say("too-many", code(() -> kinesis.updateShardCount(r -> r.streamName(stream).targetShardCount(100)
                .scalingType(ScalingType.UNIFORM_SCALING)).join()));
    }

    private List<Shard> list() {
        List<Shard> shards = new ArrayList<>();
        ListShardsResponse page = kinesis.listShards(r -> r.streamName(stream).maxResults(1)).join();
        for (shards.addAll(page.shards()); page.nextToken() != null; shards.addAll(page.shards())) {
            String next = page.nextToken();
            page = kinesis.listShards(r -> r.nextToken(next).maxResults(1)).join();
        }
        return shards;
    }

    /** Adds all records of a shard, read one a call, and returns what the last answer says of its children. */
    private List<ChildShard> read(String shard, ShardIteratorType from, Instant at,
            List<software.amazon.awssdk.services.kinesis.model.Record> records) {
        String iterator = kinesis.getShardIterator(r -> r.streamName(stream).shardId(shard).shardIteratorType(from).timestamp(at))
                .join().shardIterator();
        while (true) {
            String here = iterator;
            GetRecordsResponse out = kinesis.getRecords(r -> r.shardIterator(here).limit(1)).join();
            records.addAll(out.records());
            iterator = out.nextShardIterator();
            if (iterator == null || out.records().isEmpty()) {
                return out.childShards();
            }
        }
    }

    private static PutRecordsRequestEntry entry(String key, String hashKey, byte[] data) {
        return PutRecordsRequestEntry.builder().partitionKey(key).explicitHashKey(hashKey).data(SdkBytes.fromByteArray(data)).build();
    }

    private static String code(Supplier<Object> call) {
        try {
            call.get();
            return "ok";
        } catch (CompletionException e) {
            if (e.getCause() instanceof AwsServiceException refused) {
                return refused.awsErrorDetails().errorCode();
            }
            throw e;
        }
    }

    private static String recent(Instant time) {
        return Duration.between(time, Instant.now()).abs().toMinutes() < 5 ? "now" : time.toString();
    }

    private static String shard(int number) {
        return String.format("shardId-%012d", number);
    }

    private static String number(String shard) {
        return String.valueOf(Integer.parseInt(shard.substring("shardId-".length())));
    }

    private static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }

    private static void say(Object... words) {
        List<String> line = new ArrayList<>();
        for (Object word : words) {
            line.add(String.valueOf(word));
        }
        System.out.println(String.join(" ", line));
    }
}
