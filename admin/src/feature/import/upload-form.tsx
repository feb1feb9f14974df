import { Button, Progress, Select } from '@mantine/core';
import { FileSpreadsheet, Upload } from 'lucide-react';
import { useId, useState, type DragEvent } from 'react';
import { useNavigate } from 'react-router';
import { textOf } from '@/api/error';
import { RestError, upload } from '@/api/rest';
import type { ImportFormat } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused, Row } from '@/part/form';
import { Sheet } from '@/part/page';
import css from './upload-form.module.css';

const formats: readonly ImportFormat[] = ['AUTO', 'GOOGLE', 'OUTLOOK', 'PLAIN'];

// What `POST /v1/uploads` takes.
const mostBytes = 100 * 1024 * 1024;

/** Uploads the file, and goes to where its columns are looked at. */
function useImport() {
  const locale = useLocale();
  const navigate = useNavigate();
  const [share, setShare] = useState<number | null>(null);
  const [refused, setRefused] = useState<string[]>([]);
  const start = async (file: File, format: ImportFormat) => {
    setRefused([]);
    setShare(0);
    try {
      const uploadId = await upload(file, setShare);
      void navigate(`/import/file/${uploadId}${format === 'AUTO' ? '' : `?format=${format}`}`);
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      setRefused([textOf(locale, error.code, error.message)]);
    } finally {
      setShare(null);
    }
  };
  return { start, share, refused };
}

/** Takes a file by choosing it or by dropping it. */
export function UploadForm() {
  const { t, format } = useLocale();
  const { start, share, refused } = useImport();
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState<ImportFormat>('AUTO');
  const tooLarge = file !== null && file.size > mostBytes;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (file) void start(file, kind);
      }}
    >
      <Sheet>
        <Refused texts={tooLarge ? [t('import.tooLarge')] : refused} />
        <DropZone file={file} onFile={setFile} />
        <Row>
          <Select
            label={t('import.format')}
            allowDeselect={false}
            value={kind}
            data={formats.map((value) => ({ value, label: t(`import.formatOf.${value}`) }))}
            onChange={(value) => setKind(formats.find((one) => one === value) ?? 'AUTO')}
          />
        </Row>
        <div className={css.foot}>
          {share !== null && (
            <div className={css.progress}>
              <Progress value={share * 100} aria-label={t('import.uploading')} />
              <span className="dim num">{t('import.uploadingShare', { share: format.percent(share) })}</span>
            </div>
          )}
          <Button type="submit" disabled={!file || tooLarge} loading={share !== null}>
            {t('import.upload')}
          </Button>
        </div>
      </Sheet>
    </form>
  );
}

function DropZone({ file, onFile }: { file: File | null; onFile: (file: File | null) => void }) {
  const { t } = useLocale();
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    <label
      className={css.zone}
      htmlFor={id}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <span className={css.icon}>{file ? <FileSpreadsheet size={22} strokeWidth={1.6} aria-hidden /> : <Upload size={22} strokeWidth={1.6} aria-hidden />}</span>
      <span className={css.main}>{file ? file.name : t('import.drop')}</span>
      <span className={css.help}>{file ? t('import.otherFile') : t('import.dropHelp')}</span>
      <input
        id={id}
        type="file"
        accept=".csv,.tsv,.txt,.xlsx,.vcf,text/csv,text/plain,text/vcard"
        className={css.input}
        aria-label={t('import.choose')}
        onChange={(event) => onFile(event.currentTarget.files?.[0] ?? null)}
      />
    </label>
  );
}
