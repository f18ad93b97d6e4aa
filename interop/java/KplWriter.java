import com.google.common.util.concurrent.ListenableFuture;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordFailedException;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * Puts user records with the official Kinesis Producer Library: KplWriter PORT STREAM DIRECTORY, where the port of the loopback
 * interface speaks TLS and the directory is where the library unpacks its native core. README.md has the form of the lines.
 */
public final class KplWriter {
    private static final long PATIENCE_SECONDS = 60;

    public static void main(String[] args) throws Exception {
        KinesisProducer kpl = new KinesisProducer(new KinesisProducerConfiguration()
                .setRegion("us-east-1")
                .setKinesisEndpoint("127.0.0.1")
                .setKinesisPort(Long.parseLong(args[0]))
                .setCloudwatchEndpoint("127.0.0.1")
                .setVerifyCertificate(false)
                .setMetricsLevel("none")
                .setLogLevel("warning")
                .setTempDirectory(args[2])
                .setRecordMaxBufferedTime(1000)
                .setRequestTimeout(30_000)
                .setRecordTtl(PATIENCE_SECONDS * 1000)
                .setCredentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDINTEROP", "made-up"))));
        List<ListenableFuture<UserRecordResult>> pending = new ArrayList<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            for (String line; (line = in.readLine()) != null; ) {
                String[] field = line.split("\t", -1);
                pending.add(kpl.addUserRecord(
                        args[1],
                        new String(Base64.getDecoder().decode(field[0]), StandardCharsets.UTF_8),
                        field[1].isEmpty() ? null : field[1],
                        ByteBuffer.wrap(Base64.getDecoder().decode(field[2]))));
                if (pending.size() == 1) {
                    // The KPL aggregates only once it knows the shards, which it asks for with the first record.
                    pending.get(0).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                }
            }
            for (ListenableFuture<UserRecordResult> one : pending) {
                UserRecordResult result = one.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                System.out.println(result.getShardId() + "\t" + result.getSequenceNumber());
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UserRecordFailedException failed) {
                failed.getResult().getAttempts().forEach(a -> System.err.println(a.getErrorCode() + ": " + a.getErrorMessage()));
            }
            throw e;
        } finally {
            kpl.destroy();
        }
    }
}
