import { Button, Group, Modal } from '@mantine/core';
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import { useLocale } from '@/locale/locale';

interface Question {
  title: string;
  text: ReactNode;
  /** The words on the button that does it. */
  yes: string;
  /** Whether it cannot be undone. */
  danger?: boolean;
}

type Ask = (question: Question) => Promise<boolean>;
const Context = createContext<Ask | null>(null);

/** Lets anything below ask a question that must be answered first. */
export function ConfirmProvider({ children }: { children: ReactNode }) {
  const { t } = useLocale();
  const [open, setOpen] = useState(false);
  const [pending, setPending] = useState<{ question: Question; answer: (yes: boolean) => void } | null>(null);
  const ask = useCallback<Ask>(
    (question) =>
      new Promise((answer) => {
        setPending({ question, answer });
        setOpen(true);
      }),
    [],
  );
  const close = useMemo(
    () => (yes: boolean) => {
      pending?.answer(yes);
      setOpen(false);
    },
    [pending],
  );
  return (
    <Context value={ask}>
      {children}
      <Modal opened={open} onClose={() => close(false)} title={pending?.question.title} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <div className="dim">{pending?.question.text}</div>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={() => close(false)}>
            {t('action.cancel')}
          </Button>
          <Button color={pending?.question.danger ? 'red' : undefined} onClick={() => close(true)} data-autofocus>
            {pending?.question.yes}
          </Button>
        </Group>
      </Modal>
    </Context>
  );
}

/** Asks a question in a dialog; the promise gives the answer. */
export function useConfirm(): Ask {
  const ask = use(Context);
  if (!ask) throw new Error('useConfirm needs a ConfirmProvider above');
  return ask;
}
