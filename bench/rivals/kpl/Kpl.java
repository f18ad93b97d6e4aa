import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/** Puts records by the official Kinesis Producer Library: see the README beside its folder. */
public final class Kpl {
    private static final int RECORD_SIZE = 100;
    private static final int KEY_SIZE = 20;

    private final KinesisProducer kpl;
    private final String stream;
    private final byte[] records;
    private final int outstanding;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private Kpl(String[] args) throws Exception {
        String[] address = args[0].split(":");
        stream = args[2];
        records = Files.readAllBytes(Path.of(args[3]));
        outstanding = Integer.parseInt(args[4]);
        kpl = new KinesisProducer(new KinesisProducerConfiguration()
                .setRegion("us-east-1")
                .setKinesisEndpoint(address[0])
                .setKinesisPort(Long.parseLong(address[1]))
                .setCloudwatchEndpoint(address[0])
                .setVerifyCertificate(false) // its own store of authorities cannot be told of ours
                .setMetricsLevel("none")
                .setLogLevel("error")
                .setTempDirectory(args[5])
                .setRateLimit(Long.MAX_VALUE / 2) // the server has no limits
                .setCredentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "made-up"))));
    }

    public static void main(String[] args) throws Exception {
        Kpl rival = new Kpl(args);
        try {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line; (line = in.readLine()) != null; ) {
                String[] command = line.split(" ");
                int n = Integer.parseInt(command[1]);
                System.out.println(command[0].equals("lone") ? rival.lone(n) : rival.put(n));
            }
        } finally {
            rival.kpl.destroy();
        }
    }

    private String put(int n) throws Exception {
        Semaphore room = new Semaphore(outstanding);
        for (int i = 0; i < n; i++) {
            room.acquire();
            Futures.addCallback(add(i), new FutureCallback<UserRecordResult>() {
                @Override
                public void onSuccess(UserRecordResult result) {
                    room.release();
                }

                @Override
                public void onFailure(Throwable t) {
                    failure.set(t);
                    room.release();
                }
            }, MoreExecutors.directExecutor());
        }
        room.acquire(outstanding);
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get());
        }
        return "done";
    }

    private String lone(int n) throws Exception {
        StringBuilder times = new StringBuilder();
        for (int i = 0; i < n; i++) {
            long start = System.nanoTime();
            add(i).get();
            times.append((System.nanoTime() - start) / 1e6).append(' ');
        }
        return times.toString();
    }

    private ListenableFuture<UserRecordResult> add(int i) {
        int at = (int) ((long) i * RECORD_SIZE % records.length);
        String key = new String(records, at, KEY_SIZE, StandardCharsets.US_ASCII);
        return kpl.addUserRecord(stream, key, ByteBuffer.wrap(records, at, RECORD_SIZE).slice());
    }
}
